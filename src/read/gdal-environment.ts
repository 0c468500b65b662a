import gdal from 'gdal-async'

/** Limits of the process's one GDAL. */
export interface GdalEnvironment {
  /** Decoded blocks kept, bytes. */
  readonly blockCacheBytes: number
  /** Bytes of remote files kept, over all files. */
  readonly networkCacheBytes: number
  /** First bytes of a file that are fetched with its opening: enough for a COG's header. */
  readonly ingestedBytesAtOpen: number
  readonly connectTimeoutSeconds: number
  readonly requestTimeoutSeconds: number
  readonly retries: number
  readonly retryDelaySeconds: number
  /** Folder URL of the containers' signatures (GdalAccessFiles); null = no container is opened by one. */
  readonly signatureUrl?: string | null
}

/**
 * Sets GDAL's options, once, before the first file is opened: some (the network cache) are read at first use and never again.
 * Each is here for a reason measured in a tile server (COGs over HTTP): no directory listings or side files, the header in one
 * request, a cache that holds the headers of a whole mosaic, retries with a short delay (GDAL's default is 30 s), and an end
 * to every request (GDAL's default is none).
 */
export function configureGdal(environment: GdalEnvironment): void {
  const options: Record<string, string> = {
    GDAL_CACHEMAX: `${Math.ceil(environment.blockCacheBytes / 2 ** 20)}MB`,
    GDAL_DISABLE_READDIR_ON_OPEN: 'EMPTY_DIR',
    GDAL_INGESTED_BYTES_AT_OPEN: String(environment.ingestedBytesAtOpen),
    GDAL_PAM_ENABLED: 'NO',
    GDAL_NUM_THREADS: '1',
    GDAL_HTTP_CONNECTTIMEOUT: String(environment.connectTimeoutSeconds),
    GDAL_HTTP_TIMEOUT: String(environment.requestTimeoutSeconds),
    GDAL_HTTP_MAX_RETRY: String(environment.retries),
    GDAL_HTTP_RETRY_DELAY: String(environment.retryDelaySeconds),
    GDAL_HTTP_MERGE_CONSECUTIVE_RANGES: 'YES',
    GDAL_HTTP_TCP_KEEPALIVE: 'YES',
    CPL_VSIL_CURL_CACHE_SIZE: String(environment.networkCacheBytes),
    // GDAL's default is the Planetary Computer's own endpoint, which it would ask on a request's path.
    VSICURL_PC_SAS_TOKEN_URL: environment.signatureUrl ?? 'file:///nonexistent/',
  }
  for (const [name, value] of Object.entries(options)) gdal.config.set(name, value)
}
