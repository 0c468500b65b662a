import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Raster } from '../../src/raster/raster.ts'
import { createGdalReader } from '../../src/read/gdal-reader.ts'
import type { Grid, Part, ReadParameters } from '../../src/read/reader.ts'
import { tileGrid } from '../support/grids.ts'
import { makeRaster, type RasterSpec, type SampleOf } from '../support/raster-factory.ts'

const folder = mkdtempSync(join(tmpdir(), 'antimeridian-'))
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

const { signal } = new AbortController()
const nearest: ReadParameters = { nodata: null, resampling: 'nearest', reproject: 'nearest' }
const read = (path: string, grid: Grid, parameters: Partial<ReadParameters> = {}) =>
  reader.read(path, null, grid, { ...nearest, ...parameters }, signal)

const texture: SampleOf = (band, column, row) =>
  1 + ((column * 7 + row * 13 + band * 31 + ((column * row) % 17) * 9) % 251)
const overviews = [2, 4].map((factor) => ({
  factor,
  samples: (band: number, x: number, y: number) => texture(band, factor * x, factor * y),
}))

let files = 0
const make = (spec: Omit<RasterSpec, 'folder' | 'name' | 'samples'> & { samples?: SampleOf }) =>
  makeRaster({ samples: texture, ...spec, folder, name: `file-${files++}` })

/** Samples of the first band where they are valid, else −1. */
function valuesOf(raster: Raster | null, band = 0): number[] {
  const mask = raster?.masks[band]
  return Array.from(raster?.bands[band] ?? [], (value, i) => (mask?.[i] === 0 ? -1 : value))
}

/** What can be seen of all bands, as text: lists of so many numbers are compared slowly. */
const seen = (raster: Raster | null) =>
  raster?.bands.map((_, band) => valuesOf(raster, band).join(' ')).join('\n') ?? ''

function share(raster: Raster | null): number {
  const values = valuesOf(raster)
  return values.filter((value) => value !== -1).length / Math.max(1, values.length)
}

const quarter = 10_018_754.171394622
/** A quarter of the Earth further west. */
const west = (grid: Grid, by = quarter): Grid => ({
  ...grid,
  bounds: [grid.bounds[0] - by, grid.bounds[1], grid.bounds[2] - by, grid.bounds[3]],
})
/** A grid at the western end of the world, as if it were beyond the eastern one. */
const beyond = (grid: Grid, world = 4 * quarter): Grid => west(grid, -world)

const degrees = { width: 150, height: 130, crs: 'EPSG:4326', pixel: 0.0213, bands: 2, overviews } as const
const utm = { width: 150, height: 130, pixel: 2150, bands: 2, overviews } as const
const mercator = { width: 150, height: 130, crs: 'EPSG:3857', pixel: 2150, bands: 2, overviews } as const

/** The same pixels across the antimeridian and a quarter of the Earth further west. */
const twins = {
  'in degrees': [make({ ...degrees, origin: [178.4071, -15.3071] }), make({ ...degrees, origin: [88.4071, -15.3071] })],
  'in degrees, counted from −180': [
    make({ ...degrees, origin: [-181.5929, -15.3071] }),
    make({ ...degrees, origin: [88.4071, -15.3071] }),
  ],
  'with a mask': [
    make({ ...degrees, origin: [178.4071, -15.3071], mask: (x, y) => ((x - 70) ** 2 + (y - 60) ** 2 < 900 ? 0 : 255) }),
    make({ ...degrees, origin: [88.4071, -15.3071], mask: (x, y) => ((x - 70) ** 2 + (y - 60) ** 2 < 900 ? 0 : 255) }),
  ],
  'with nodata': [
    make({ ...degrees, origin: [178.4071, -15.3071], nodata: 77 }),
    make({ ...degrees, origin: [88.4071, -15.3071], nodata: 77 }),
  ],
  'in UTM': [
    make({ ...utm, crs: 'EPSG:32760', origin: [690_031, 8_300_017] }),
    make({ ...utm, crs: 'EPSG:32745', origin: [690_031, 8_300_017] }),
  ],
  'in Mercator': [
    make({ ...mercator, origin: [4 * quarter * 0.4955, -1_700_017] }),
    make({ ...mercator, origin: [4 * quarter * 0.4955 - quarter, -1_700_017] }),
  ],
} as const

describe.each(Object.entries(twins))('a file across the antimeridian, %s,', (name, [across, twin]) => {
  const kernels = (['nearest', 'bilinear', 'cubic', 'lanczos', 'average', 'mode'] as const).map((kernel) => ({
    resampling: kernel,
    reproject: kernel,
  }))

  test.each([
    [2, 3, 2],
    [3, 7, 4],
    [4, 15, 8],
    [5, 31, 17],
    [6, 63, 35],
    [8, 255, 140],
  ])('gives the tile %d/%d/%d and the one around the back the pixels of its twin', async (z, x, y) => {
    for (const parameters of kernels) {
      const east = tileGrid(z, x, y, 64)
      expect(seen(await read(across, east, parameters)), parameters.reproject).toBe(
        seen(await read(twin, west(east), parameters)),
      )
      const back = tileGrid(z, 0, y, 64)
      expect(seen(await read(across, back, parameters)), `${parameters.reproject} around the back`).toBe(
        seen(await read(twin, west(beyond(back)), parameters)),
      )
    }
  })

  test('has pixels on both sides at every zoom', async () => {
    for (const z of [2, 3, 4, 5, 6, 7, 8]) {
      const y = Math.floor(2 ** z * 0.548)
      expect(share(await read(across, tileGrid(z, 2 ** z - 1, y))), `east at ${z}`).toBeGreaterThan(0)
      expect(share(await read(across, tileGrid(z, 0, y))), `west at ${z}`).toBeGreaterThan(0)
    }
  })

  test('lies at both ends of the tile of the whole world, and nowhere between', async () => {
    const values = valuesOf(await read(across, tileGrid(0, 0, 0)))
    const columns = new Set(values.flatMap((value, i) => (value === -1 ? [] : [i % 256])))
    expect([...columns].sort((a, b) => a - b)).toEqual(name === 'in Mercator' ? [0, 254, 255] : [0, 255])
  })
})

describe('in its own degrees a file across the antimeridian', () => {
  const path = twins['in degrees'][0]
  const twin = twins['in degrees'][1]
  const grid = (left: number): Grid => ({
    crs: 'EPSG:4326',
    bounds: [left, -17.5, left + 1.25, -16.25],
    width: 64,
    height: 64,
  })

  test.each(['nearest', 'bilinear', 'average'] as const)('is read as it is on both sides: %s', async (resampling) => {
    for (const left of [178.7, -180, -179.7]) {
      const moved = grid(left < 0 ? left + 270 : left - 90)
      const [ours, theirs] = [await read(path, grid(left), { resampling }), await read(twin, moved, { resampling })]
      expect(share(ours)).toBe(1)
      expect(seen(ours), `at ${left}`).toBe(seen(theirs))
    }
  })

  test.each([
    [179.2, 89.2],
    [-179.3, 90.7],
    [180.7, 90.7],
  ])('has a pixel at %d', async (lon, lonOfTwin) => {
    const at = (x: number) => ({ x, y: -16.4, crs: 'EPSG:4326' })
    const found = await reader.readPoint(path, null, at(lon), nearest, signal)
    expect(seen(found)).toBe(seen(await reader.readPoint(twin, null, at(lonOfTwin), nearest, signal)))
    expect(share(found)).toBe(1)
  })

  test('has no pixel beside it', async () => {
    expect(await reader.readPoint(path, null, { x: -178, y: -16.4, crs: 'EPSG:4326' }, nearest, signal)).toBeNull()
  })
})

describe('a part of a file across the antimeridian', () => {
  const part = (change: Partial<Part>): Part => ({
    bounds: null,
    crs: 'EPSG:4326',
    targetCrs: null,
    size: { maxSize: 256, width: null, height: null },
    aligned: false,
    ...change,
  })

  test.each([
    ['east of it', 'in degrees', [178.8, -16.9, 179.7, -16.2], [88.8, -16.9, 89.7, -16.2]],
    ['west of it', 'in degrees', [-179.9, -16.9, -179.2, -16.2], [90.1, -16.9, 90.8, -16.2]],
    ['west of it', 'in UTM', [-179.9, -16.9, -179.2, -16.2], [90.1, -16.9, 90.8, -16.2]],
  ] as const)('%s is that of its twin: %s', async (_, name, bounds, moved) => {
    const [path, twin] = twins[name]
    for (const targetCrs of ['EPSG:4326', 'EPSG:3857']) {
      const ours = await reader.readPart(path, null, part({ bounds, targetCrs }), nearest, signal)
      const theirs = await reader.readPart(twin, null, part({ bounds: moved, targetCrs }), nearest, signal)
      expect([ours.width, ours.height]).toEqual([theirs.width, theirs.height])
      expect(share(ours)).toBe(1)
      expect(seen(ours), targetCrs).toBe(seen(theirs))
    }
  })

  test.each(['in degrees', 'in UTM'] as const)('is the whole of it at its own resolution: %s', async (name) => {
    const [path, twin] = twins[name]
    const ours = await reader.readPart(path, null, part({ targetCrs: 'EPSG:3857' }), nearest, signal)
    const theirs = await reader.readPart(twin, null, part({ targetCrs: 'EPSG:3857' }), nearest, signal)
    expect([ours.width, ours.height]).toEqual([theirs.width, theirs.height])
    expect((ours.bounds[0] + 3 * quarter - theirs.bounds[0]) % (4 * quarter)).toBeCloseTo(0, 3)
    expect(seen(ours)).toBe(seen(theirs))
  })
})

describe('a file of all the world', () => {
  const world = { width: 720, height: 320, crs: 'EPSG:4326', pixel: 0.5 } as const
  const fromGreenwich = make({ ...world, origin: [0, 80] })
  const fromAntimeridian = make({
    ...world,
    origin: [-180, 80],
    samples: (band, x, y) => texture(band, (x + 360) % 720, y),
  })

  test.each([0, 1, 2, 3])(
    'counted from Greenwich covers all tiles of zoom %d, as the one counted from −180',
    async (z) => {
      for (let x = 0; x < 2 ** z; x++) {
        for (let y = 0; y < 2 ** z; y++) {
          const grid = tileGrid(z, x, y, 128)
          const [ours, theirs] = [await read(fromGreenwich, grid), await read(fromAntimeridian, grid)]
          expect(seen(ours), `${z}/${x}/${y}`).toBe(seen(theirs))
        }
      }
    },
  )
})

test('a grid across the antimeridian sees a file across it as one', async () => {
  const grid: Grid = { crs: 'EPSG:32760', bounds: [740_000, 8_000_000, 940_000, 8_200_000], width: 80, height: 80 }
  const [path, twin] = twins['in degrees']
  for (const reproject of ['nearest', 'bilinear', 'average'] as const) {
    const ours = await read(path, grid, { reproject })
    expect(share(ours)).toBe(1)
    expect(seen(ours)).toBe(seen(await read(twin, { ...grid, crs: 'EPSG:32745' }, { reproject })))
  }
})
