import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Raster } from '../../src/raster/raster.ts'
import { createGdalReader } from '../../src/read/gdal-reader.ts'
import { type Reprojection, reprojections } from '../../src/request/tile-request.ts'
import { warpedGolden } from '../golden/warped-reads.ts'
import { makeRaster } from '../support/raster-factory.ts'
import { hexOf } from '../support/sample-text.ts'
import { warpedFiles, warpedGrids } from '../support/warped-reads.ts'

const folder = mkdtempSync(join(tmpdir(), 'warped-reads-'))
const reader = createGdalReader({
  hrefResolver: { resolve: (href) => href },
  maxOpenDatasets: 8,
  maxHandlesPerFile: 1,
  scratchBytes: 1 << 22,
})
afterAll(() => {
  reader.close()
  rmSync(folder, { recursive: true, force: true })
})

function digestOf(raster: Raster | null): string {
  return raster === null ? 'outside' : createHash('sha1').update(hexOf(raster)).digest('hex').slice(0, 12)
}

describe.each(Object.entries(warpedFiles))('a file of %s', (name, spec) => {
  const path = makeRaster({ ...spec, folder, name: name.replaceAll(' ', '-') })

  test.each(Object.entries(warpedGrids(name)))('has rio-tiler’s samples with every kernel: %s', async (place, grid) => {
    const digests: Partial<Record<Reprojection, string>> = {}
    for (const reproject of reprojections) {
      if (reproject === 'sum' && name.includes('pole')) continue
      const parameters = { nodata: null, resampling: 'nearest', reproject } as const
      digests[reproject] = digestOf(await reader.read(path, null, grid, parameters, new AbortController().signal))
    }
    expect(digests).toEqual(warpedGolden[name]?.[place])
  })
})
