import gdal from 'gdal-async'
import { expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { configureGdal } from '../../src/read/gdal-environment.ts'

test('GDAL gets the settings in its own units, an end to every request, and no endpoint of its own for signatures', () => {
  const config = readConfig({ GDAL_CACHEMAX: '200', GDAL_HTTP_RETRY_DELAY: '0.5' })
  configureGdal({
    blockCacheBytes: config.GDAL_CACHEMAX * 1_048_576,
    networkCacheBytes: config.CPL_VSIL_CURL_CACHE_SIZE,
    ingestedBytesAtOpen: config.GDAL_INGESTED_BYTES_AT_OPEN,
    connectTimeoutSeconds: 5,
    requestTimeoutSeconds: config.GDAL_HTTP_TIMEOUT,
    retries: config.GDAL_HTTP_MAX_RETRY,
    retryDelaySeconds: config.GDAL_HTTP_RETRY_DELAY,
  })
  const expected = {
    GDAL_CACHEMAX: '200MB',
    CPL_VSIL_CURL_CACHE_SIZE: '134217728',
    GDAL_INGESTED_BYTES_AT_OPEN: '32768',
    GDAL_DISABLE_READDIR_ON_OPEN: 'EMPTY_DIR',
    GDAL_PAM_ENABLED: 'NO',
    GDAL_HTTP_CONNECTTIMEOUT: '5',
    GDAL_HTTP_TIMEOUT: '30',
    GDAL_HTTP_MAX_RETRY: '3',
    GDAL_HTTP_RETRY_DELAY: '0.5',
    GDAL_HTTP_MERGE_CONSECUTIVE_RANGES: 'YES',
    VSICURL_PC_SAS_TOKEN_URL: 'file:///nonexistent/',
  }
  for (const [name, value] of Object.entries(expected)) expect(gdal.config.get(name), name).toBe(value)
})

test('options that it does not set are those of the environment', () => {
  expect(gdal.config.get('VSI_CACHE')).toBe(process.env.VSI_CACHE ?? null)
})
