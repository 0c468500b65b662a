import { TilepressError } from '../errors.ts'
import type { Bounds } from '../tile/bounds.ts'
import { crsUri } from '../tile/crs.ts'
import type { TileMatrixSet } from '../tile/tile-matrix-set.ts'
import { zoomForResolution } from '../tile/zoom-for-resolution.ts'
import { type DatasetFacts, isAxisAligned, isPlaced } from './dataset-facts.ts'
import { defaultGrid } from './default-grid.ts'
import type { OpenDataset } from './open-dataset.ts'
import { type Placement, placementOf } from './placement.ts'

type BandList<T> = readonly (readonly [band: string, value: T])[]

/** What is told of a file, in the names and the order of rio-tiler's Info. */
export interface FileInfo {
  /** In `crs`. */
  readonly bounds: readonly number[]
  /** OGC's URI, or WKT where there is no code. */
  readonly crs: string
  readonly band_metadata: BandList<Readonly<Record<string, string>>>
  readonly band_descriptions: BandList<string>
  readonly dtype: string
  readonly nodata_type: 'Nodata' | 'Alpha' | 'Mask' | 'None'
  readonly colorinterp: readonly string[]
  readonly scales: readonly number[]
  readonly offsets: readonly number[]
  /** Red, green, blue and alpha by value. */
  readonly colormap?: Readonly<Record<string, readonly number[]>>
  readonly driver: string
  readonly count: number
  readonly width: number
  readonly height: number
  /** Factors by which overviews are smaller. */
  readonly overviews: readonly number[]
  readonly nodata_value?: number
  /** By band, of the file's own statistics. */
  readonly minmax?: readonly (readonly [number, number])[]
}

/** rio_tiler.io.Reader.info(). Throws ASSET_UNREADABLE for a file that is nowhere. The dataset must be leased. */
export function fileInfo(dataset: OpenDataset): FileInfo {
  const { facts } = dataset
  const place = requirePlace(dataset)
  const own = dataset.bandMetadata()
  // A file placed by control points has an alpha band that is not in it.
  const metadata = facts.bands.map((_, index) => own[index] ?? {})
  const palette = facts.palettes[0] ?? null
  const minmax = metadata.flatMap(({ STATISTICS_MINIMUM: min, STATISTICS_MAXIMUM: max }) =>
    min === undefined || max === undefined ? [] : [[Number(min), Number(max)] as const],
  )
  const byBand = <T>(values: readonly T[]): BandList<T> => values.map((value, index) => [`b${index + 1}`, value])
  return {
    bounds: boundsAsStored(facts, place),
    crs: crsUri(place.crs) ?? place.crs,
    band_metadata: byBand(metadata),
    band_descriptions: byBand(facts.bands.map(({ description }, index) => description ?? `b${index + 1}`)),
    dtype: facts.bands[0]?.dataType ?? 'uint8',
    nodata_type: nodataType(facts),
    colorinterp: facts.bands.map(({ colorInterpretation }) => colorName(colorInterpretation)),
    scales: facts.bands.map(({ scale }) => scale),
    offsets: facts.bands.map(({ offset }) => offset),
    ...(palette !== null && { colormap: colorsByValue(palette) }),
    driver: 'GTiff',
    count: facts.bands.length,
    width: facts.width,
    height: facts.height,
    overviews: facts.overviews.map(({ width }) => Math.round(facts.width / width)),
    ...(facts.nodata !== null && { nodata_value: facts.nodata }),
    ...(minmax.length > 0 && { minmax }),
  }
}

/** Zooms at which a file is meant to be seen. */
export interface FileZooms {
  readonly minzoom: number
  readonly maxzoom: number
}

/**
 * From the zoom of the first overview that is no larger than a tile to that of the file's own resolution, on GDAL's suggested grid in the set's
 * system (rio-tiler's minzoom and maxzoom); all of the set's for a file that has no such grid.
 */
export function fileZooms(dataset: OpenDataset, tms: TileMatrixSet): FileZooms {
  // Of a rotated file the box around it counts, not its rotation.
  const grid = defaultGrid(dataset, tms.crs, isPlaced(dataset.facts) && !isAxisAligned(dataset.facts))
  const [first] = tms.levels
  if (grid === null || first === undefined) return { minzoom: tms.minZoom, maxzoom: tms.maxZoom }
  const resolution = Math.max(grid.stepX, grid.stepY)
  let factor = 1
  while (Math.floor(Math.min(grid.width, grid.height) / factor) > first.tileSize) factor *= 2
  return { minzoom: zoomForResolution(tms, resolution * factor), maxzoom: zoomForResolution(tms, resolution) }
}

/** Throws ASSET_UNREADABLE for a file that is nowhere. */
export function requirePlace(dataset: OpenDataset): Placement {
  const place = placementOf(dataset)
  if (place) return place
  throw new TilepressError('ASSET_UNREADABLE', 'the file has no place on Earth')
}

/** rasterio's bounds: of a file whose rows run north the bottom is above the top. */
function boundsAsStored({ geoTransform, width, height }: DatasetFacts, { bounds }: Placement): Bounds {
  if (geoTransform === null || geoTransform[2] !== 0 || geoTransform[4] !== 0) return bounds
  const [x, stepX, , y, , stepY] = geoTransform
  return [x, y + stepY * height, x + stepX * width, y]
}

function nodataType({ nodata, maskKind }: DatasetFacts): FileInfo['nodata_type'] {
  if (nodata !== null) return 'Nodata'
  return maskKind === 'alpha' ? 'Alpha' : maskKind === 'dataset' ? 'Mask' : 'None'
}

/** rasterio's names of GDAL's colour interpretations: `YCbCr_Y` is `Y`, all others are in lower case. */
function colorName(interpretation: string): string {
  return interpretation.startsWith('YCbCr_') ? interpretation.slice('YCbCr_'.length) : interpretation.toLowerCase()
}

function colorsByValue(palette: Uint8Array): Record<string, number[]> {
  return Object.fromEntries(
    Array.from({ length: palette.length / 4 }, (_, value) => [
      String(value),
      Array.from(palette.subarray(4 * value, 4 * value + 4)),
    ]),
  )
}
