import { join } from 'node:path'
import gdal from 'gdal-async'

/** A sample by band (from 0), column and row. */
export type SampleOf = (band: number, column: number, row: number) => number

export interface RasterSpec {
  readonly folder: string
  readonly name: string
  readonly width: number
  readonly height: number
  readonly crs: string
  /** x and y of the top left corner and the size of a pixel, in the CRS's units. */
  readonly origin: readonly [x: number, y: number]
  readonly pixel: number
  /** Degrees-free skew: the pixel's second column term, for files that aren't north up. */
  readonly rotation?: number
  /** Ground control points in place of origin and pixel: where column and row lie. */
  readonly points?: readonly (readonly [column: number, row: number, x: number, y: number])[]
  readonly type?: 'Byte' | 'UInt16' | 'Int16' | 'Float32'
  /** Data and alpha bands together. */
  readonly bands?: number
  readonly samples: SampleOf
  readonly nodata?: number
  /** The last band is alpha. */
  readonly alpha?: boolean
  /** 255 valid, 0 masked: an internal mask for all bands. */
  readonly mask?: (column: number, row: number) => number
  /** Reduction factor of each overview, and its samples where they should differ from every n-th pixel. */
  readonly overviews?: readonly { readonly factor: number; readonly samples?: SampleOf }[]
  /** What a sample stands for: sample × scale + offset, in every band. */
  readonly scale?: number
  readonly offset?: number
  /** Red, green, blue and alpha of each index of the first band. */
  readonly palette?: readonly (readonly [red: number, green: number, blue: number, alpha: number])[]
  readonly compression?: 'NONE' | 'DEFLATE' | 'JPEG'
  readonly interleave?: 'PIXEL' | 'BAND'
  readonly block?: number
}

/** Writes a tiled GeoTIFF of known samples and returns its path. */
export function makeRaster(spec: RasterSpec): string {
  const {
    width,
    height,
    type = 'Byte',
    bands = 1,
    samples,
    compression = 'DEFLATE',
    interleave = 'PIXEL',
    block = 64,
  } = spec
  const path = join(spec.folder, `${spec.name}.tif`)
  gdal.config.set('GDAL_TIFF_INTERNAL_MASK', 'YES')
  const dataset = gdal.open(path, 'w', 'GTiff', width, height, bands, type, [
    ...[
      'TILED=YES',
      `BLOCKXSIZE=${block}`,
      `BLOCKYSIZE=${block}`,
      `COMPRESS=${compression}`,
      `INTERLEAVE=${interleave}`,
    ],
    ...(compression === 'JPEG' && bands === 3 ? ['PHOTOMETRIC=YCBCR', 'JPEG_QUALITY=75'] : []),
    ...(spec.alpha ? ['ALPHA=YES'] : []),
  ])
  const [x, y] = spec.origin
  const skew = spec.rotation ?? 0
  const srs = gdal.SpatialReference.fromUserInput(spec.crs)
  if (spec.points) {
    const points = spec.points.map((point, id) => ({ pszId: String(id), dfGCPZ: 0, ...pointOf(point) }))
    dataset.setGCPs(points, srs.toWKT())
  } else {
    dataset.srs = srs
    dataset.geoTransform = [x, spec.pixel, skew, y, skew, -spec.pixel]
  }
  if (spec.palette) {
    const table = new gdal.ColorTable(gdal.GPI_RGB)
    for (const [index, [c1, c2, c3, c4]] of spec.palette.entries()) table.set(index, { c1, c2, c3, c4 })
    dataset.bands.get(1).colorTable = table
  }
  for (let band = 0; band < bands; band++) {
    const target = dataset.bands.get(band + 1)
    if (spec.nodata !== undefined) target.noDataValue = spec.nodata
    if (spec.scale !== undefined) target.scale = spec.scale
    if (spec.offset !== undefined) target.offset = spec.offset
    target.pixels.write(
      0,
      0,
      width,
      height,
      fill(type, width, height, (column, row) => samples(band, column, row)),
    )
  }
  if (spec.mask) {
    const first = dataset.bands.get(1)
    first.createMaskBand(2)
    first.getMaskBand()!.pixels.write(0, 0, width, height, fill('Byte', width, height, spec.mask))
  }
  dataset.flush()
  if (spec.overviews?.length) {
    dataset.buildOverviews(
      'NEAREST',
      spec.overviews.map(({ factor }) => factor),
    )
    for (const [level, overview] of spec.overviews.entries()) {
      if (overview.samples) writeOverview(dataset, level, type, bands, overview.samples)
    }
  }
  dataset.close()
  return path
}

function writeOverview(dataset: gdal.Dataset, level: number, type: string, bands: number, samples: SampleOf): void {
  for (let band = 0; band < bands; band++) {
    const overview = dataset.bands.get(band + 1).overviews.get(level)
    const { x: width, y: height } = overview.size
    overview.pixels.write(
      0,
      0,
      width,
      height,
      fill(type, width, height, (column, row) => samples(band, column, row)),
    )
  }
}

function fill(type: string, width: number, height: number, sampleOf: (column: number, row: number) => number) {
  const array = arrayOf(type, width * height)
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) array[row * width + column] = sampleOf(column, row)
  }
  return array
}

function arrayOf(type: string, length: number): Uint8Array | Uint16Array | Int16Array | Float32Array {
  if (type === 'UInt16') return new Uint16Array(length)
  if (type === 'Int16') return new Int16Array(length)
  return type === 'Float32' ? new Float32Array(length) : new Uint8Array(length)
}

function pointOf([column, row, x, y]: NonNullable<RasterSpec['points']>[number]) {
  return { dfGCPPixel: column, dfGCPLine: row, dfGCPX: x, dfGCPY: y }
}
