import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Raster } from '../../src/raster/raster.ts'
import { createGdalReader } from '../../src/read/gdal-reader.ts'
import { resamplings } from '../../src/request/tile-request.ts'
import { plainGolden } from '../golden/plain-reads.ts'
import { plainFiles, plainGrids } from '../support/plain-reads.ts'
import { makeRaster } from '../support/raster-factory.ts'

const folder = mkdtempSync(join(tmpdir(), 'plain-reads-'))
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

/** As the golden samples are written. */
function hexOf({ bands, masks }: Raster): string {
  const band = (samples: Raster['bands'][number], mask: Uint8Array | null) => {
    const size = samples.BYTES_PER_ELEMENT
    const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
    const sampleOf = (i: number) => bytes.toString('hex', i * size, (i + 1) * size)
    return Array.from(samples, (_, i) => (mask?.[i] === 0 ? '--'.repeat(size) : sampleOf(i))).join('')
  }
  return bands.map((samples, i) => band(samples, masks[i]!)).join(' ')
}

describe.each(Object.entries(plainFiles))('a file with %s', (name, spec) => {
  const path = makeRaster({ ...spec, folder, name: name.replaceAll(' ', '-') })

  test.each(
    Object.entries(plainGrids).flatMap(([place, grid]) => resamplings.map((kernel) => ({ place, grid, kernel }))),
  )('has rio-tiler’s samples: $place, $kernel', async ({ place, grid, kernel }) => {
    const parameters = { nodata: null, resampling: kernel, reproject: 'nearest' } as const
    const raster = await reader.read(path, null, grid, parameters, new AbortController().signal)
    expect(hexOf(raster!)).toBe(plainGolden[name]?.[place]?.[kernel])
  })
})
