import type { Grid } from '../../src/read/reader.ts'
import type { RasterSpec, SampleOf } from './raster-factory.ts'

type FileSpec = Omit<RasterSpec, 'folder' | 'name'>

/** Smooth and rough at once, from 1 to 251, the same on every machine. */
const texture: SampleOf = (band, column, row) =>
  1 + ((column * 7 + row * 13 + band * 31 + ((column * row) % 17) * 9) % 251)

/** A hole in the middle and one at the corner. */
const hole = (column: number, row: number) => (column - 40) ** 2 + (row - 30) ** 2 < 150 || column + row < 24

const overviews = [
  { factor: 2, samples: (band: number, x: number, y: number) => texture(band, 2 * x, 2 * y) },
  { factor: 4, samples: (band: number, x: number, y: number) => texture(band, 4 * x, 4 * y) },
]

const utm = { width: 96, height: 80, crs: 'EPSG:32631', origin: [500_000, 5_300_000], pixel: 1000 } as const
const lonLat = { width: 90, height: 70, crs: 'EPSG:4326', origin: [2.4, 48.1], pixel: 0.016 } as const

/** Small files of known samples. */
export const warpedFiles: Record<string, FileSpec> = {
  'three bytes in UTM': { ...utm, bands: 3, samples: texture, overviews },
  'bytes with a mask in degrees': { ...lonLat, samples: texture, mask: (x, y) => (hole(x, y) ? 0 : 255), overviews },
  'signed numbers with nodata in UTM': {
    ...utm,
    type: 'Int16',
    nodata: -99,
    samples: (band, x, y) => (hole(x, y) ? -99 : 20 * (texture(band, x, y) - 120)),
  },
  'bytes with alpha in LAEA': {
    ...{ width: 96, height: 80, crs: 'EPSG:3035', origin: [3_660_000, 2_850_000], pixel: 1000 },
    bands: 4,
    alpha: true,
    samples: (band, x, y) => (band < 3 ? texture(band, x, y) : hole(x, y) ? 0 : Math.min(255, 40 * (y + 1))),
  },
  'rotated bytes': { ...utm, rotation: 250, bands: 3, samples: texture, overviews },
  'bytes placed by points': {
    ...lonLat,
    points: [0, 45, 90].flatMap((column) =>
      [0, 35, 70].map((row) => {
        const bend = (column - 45) * (row - 35) * 1e-6
        return [column, row, 2.4 + 0.016 * column + 0.004 * row + bend, 48.1 - 0.015 * row + 0.003 * column] as const
      }),
    ),
    samples: texture,
    overviews,
  },
  'bytes around the south pole': {
    ...{ width: 80, height: 80, crs: 'EPSG:3031', origin: [-800_000, 800_000], pixel: 20_000 },
    samples: texture,
  },
}

function square(crs: string, x: number, y: number, size: number, pixels: number): Grid {
  return { crs, bounds: [x, y, x + size, y + size], width: pixels, height: pixels }
}

/** Reduced so that an overview serves, about the file's resolution, and finer. */
const inFrance: Record<string, Grid> = {
  reduced: square('EPSG:3857', 200_000, 5_900_000, 300_000, 40),
  near: square('EPSG:3857', 330_000, 6_000_000, 60_000, 48),
  finer: square('EPSG:3857', 350_000, 6_020_000, 12_000, 48),
  polar: square('EPSG:3413', 3_300_000, -3_100_000, 200_000, 48),
}

const atThePole: Record<string, Grid> = {
  degrees: { crs: 'EPSG:4326', bounds: [-180, -90, 180, -80], width: 72, height: 20 },
  mercator: square('EPSG:3857', -20_037_508, -20_037_508, 10_000_000, 40),
  pole: square('EPSG:5042', 1_500_000, 1_500_000, 1_000_000, 40),
}

export function warpedGrids(file: string): Record<string, Grid> {
  return file.includes('pole') ? atThePole : inFrance
}
