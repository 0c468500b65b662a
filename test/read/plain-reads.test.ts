import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createGdalReader } from '../../src/read/gdal-reader.ts'
import { resamplings } from '../../src/request/tile-request.ts'
import { parameterGolden, plainGolden } from '../golden/plain-reads.ts'
import { degrees, parameterReads, plainFiles, plainGrids } from '../support/plain-reads.ts'
import { makeRaster } from '../support/raster-factory.ts'
import { hexOf } from '../support/sample-text.ts'

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

describe('further parameters', () => {
  test.each(parameterReads.map((read, i) => ({ ...read, i, title: JSON.stringify([read.bidx, read.parameters]) })))(
    'give rio-tiler’s samples of $file: $title',
    async ({ file, bidx, grid, parameters, i }) => {
      const spec = file === 'degrees' ? degrees : plainFiles[file]!
      const path = makeRaster({ ...spec, folder, name: `read-${i}` })
      const raster = await reader.read(path, bidx, grid, parameters, new AbortController().signal)
      expect(hexOf(raster!)).toBe(parameterGolden[i])
    },
  )

  test('padding changes nothing where the grid lies on the file’s blocks', async () => {
    const { width, height, pixel, origin } = plainFiles.bytes!
    const path = makeRaster({ ...plainFiles.bytes!, type: 'Float32', folder, name: 'blocks' })
    const left = origin[0] + (width % 64) * pixel
    const top = origin[1] - (height % 64) * pixel
    const grid = { crs: 'EPSG:3857', bounds: [left, top - 640, left + 640, top], width: 45, height: 45 } as const
    const parameters = { nodata: null, resampling: 'lanczos', reproject: 'nearest' } as const
    const read = (moved: number, padding: number) => {
      const bounds = [grid.bounds[0] + moved, grid.bounds[1], grid.bounds[2] + moved, grid.bounds[3]] as const
      return reader.read(path, null, { ...grid, bounds }, { ...parameters, padding }, new AbortController().signal)
    }
    expect((await read(0, 4))!.bands).toEqual((await read(0, 0))!.bands)
    expect((await read(10, 4))!.bands).not.toEqual((await read(10, 0))!.bands)
  })
})
