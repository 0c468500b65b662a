import type { Grid, ReadParameters } from '../../src/read/reader.ts'
import { resamplings } from '../../src/request/tile-request.ts'
import type { RasterSpec } from './raster-factory.ts'

/** A degree-free place of Web Mercator, pixels of 10 m. */
const left = 1_000_000
const top = 6_000_000
const pixel = 10

const pattern = (band: number, column: number, row: number) =>
  (column * 37 + row * 91 + ((column * row * (band + 3)) >> 3)) % 251

/** Inside an ellipse, with holes. */
const inside = (column: number, row: number) =>
  (column - 250) ** 2 / 230 ** 2 + (row - 240) ** 2 / 200 ** 2 < 1 && (column * 3 + row) % 17 > 2

const base = { width: 520, height: 480, crs: 'EPSG:3857', origin: [left, top], pixel } as const
const overviews = [{ factor: 2 }, { factor: 4 }]

/** Files whose reads without reprojection have been compared with rio-tiler's. */
export const plainFiles: Readonly<Record<string, Omit<RasterSpec, 'folder' | 'name'>>> = {
  bytes: { ...base, bands: 2, samples: pattern, overviews },
  'without overviews': { ...base, samples: pattern },
  nodata: {
    ...base,
    type: 'Int16',
    nodata: -9999,
    scale: 0.0001,
    offset: -0.1,
    overviews,
    samples: (band, column, row) => (inside(column, row) ? pattern(band, column, row) * 90 - 9000 : -9999),
  },
  NaN: {
    ...base,
    type: 'Float32',
    nodata: Number.NaN,
    overviews,
    samples: (band, column, row) => (inside(column, row) ? pattern(band, column, row) / 4 - 20 : Number.NaN),
  },
  mask: { ...base, samples: pattern, overviews, mask: (column, row) => (inside(column, row) ? 255 : 0) },
  alpha: {
    ...base,
    bands: 2,
    alpha: true,
    overviews,
    samples: (band, column, row) =>
      band === 0 ? pattern(band, column, row) : inside(column, row) ? 255 : (column * 7) % 250,
  },
  palette: {
    ...base,
    overviews,
    samples: (band, column, row) => pattern(band, column, row) % 16,
    palette: Array.from({ length: 16 }, (_, i) => [(i * 83) % 256, (i * 29) % 256, (i * 151) % 256, i === 3 ? 0 : 255]),
  },
}

/** A file in longitude and latitude around the same place, for warps. */
export const degrees: Omit<RasterSpec, 'folder' | 'name'> = {
  ...base,
  crs: 'EPSG:4326',
  origin: [8.95, 47.345],
  pixel: 0.0001,
  bands: 2,
  samples: pattern,
  overviews,
}

/** By place: inside and reduced, inside and enlarged, over a corner, over an edge and so much reduced that GDAL has virtual overviews. */
export const plainGrids: Readonly<Record<string, Grid>> = {
  reduced: gridAt(200.3, 150.8, 3.3),
  enlarged: gridAt(75.2, 118.9, 0.4),
  corner: gridAt(-7.7, -5.4, 1.6),
  edge: gridAt(488.45, 200.2, 7.9),
}

/** Reads of one of the files, or of `degrees`, beyond the kernels alone. */
export interface ParameterRead {
  readonly file: string
  readonly bidx: readonly number[] | null
  readonly grid: Grid
  readonly parameters: ReadParameters
}

const { reduced, corner, edge } = plainGrids as Record<string, Grid>
const parameters = { nodata: null, resampling: 'bilinear', reproject: 'nearest' } as const
const warped: Grid = {
  crs: 'EPSG:3857',
  bounds: [998_000, 5_998_000, 998_000 + 7 * 41.3, 5_998_000 + 6 * 41.3],
  width: 7,
  height: 6,
}
const plain = { bidx: null, grid: reduced! }

export const parameterReads: readonly ParameterRead[] = [
  { file: 'bytes', ...plain, parameters: { ...parameters, padding: 3, resampling: 'lanczos' } },
  { file: 'bytes', bidx: [2, 1], grid: edge!, parameters: { ...parameters, padding: 1 } },
  { file: 'bytes', ...plain, parameters: { ...parameters, nodata: 100, resampling: 'cubic' } },
  { file: 'nodata', ...plain, parameters: { ...parameters, unscale: true } },
  { file: 'nodata', bidx: null, grid: corner!, parameters: { ...parameters, unscale: true, resampling: 'average' } },
  ...resamplings.map((resampling) => ({
    file: 'degrees',
    bidx: [2],
    grid: warped,
    parameters: { ...parameters, resampling },
  })),
  { file: 'degrees', bidx: null, grid: warped, parameters: { ...parameters, padding: 5 } },
  { file: 'degrees', bidx: null, grid: warped, parameters: { ...parameters, padding: 1, reproject: 'bilinear' } },
  { file: 'degrees', bidx: [1], grid: warped, parameters: { ...parameters, padding: 2, resampling: 'nearest' } },
]

/** 7 × 6 pixels of `factor` file pixels each, from a position in file pixels on. */
function gridAt(column: number, row: number, factor: number): Grid {
  const x = left + column * pixel
  const y = top - row * pixel
  const size = factor * pixel
  return { crs: 'EPSG:3857', bounds: [x, y - 6 * size, x + 7 * size, y], width: 7, height: 6 }
}
