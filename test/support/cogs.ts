import gdal from 'gdal-async'
import type { Bounds } from '../../src/tile/bounds.ts'
import { uniqueName } from './services.ts'

export interface CogSpec {
  /** West, south, east, north in degrees (EPSG:4326). */
  readonly bounds: Bounds
  /** A value a band, the same everywhere, or by column and row from the top left. */
  readonly bands: readonly (number | ((column: number, row: number) => number))[]
  readonly type?: 'Byte' | 'UInt16' | 'Float32'
  readonly nodata?: number
  /** Red, green, blue and alpha of each sample of the first band. */
  readonly palette?: readonly (readonly [red: number, green: number, blue: number, alpha: number])[]
  /** Of every band, as GDAL keeps them in a file. */
  readonly statistics?: readonly [min: number, max: number]
  /** Pixels along each side; 64 unless said otherwise. */
  readonly size?: number
  /** COG; VRT makes a file that points at /vsimem, and that nobody may open. */
  readonly driver?: 'COG' | 'VRT'
}

/** A tiny raster file of known values, in memory. */
export function makeCog(spec: CogSpec): Buffer {
  const { bounds, bands, type = 'Byte', nodata, palette, statistics, size = 64, driver = 'COG' } = spec
  const [west, south, east, north] = bounds
  const source = gdal.open('memory', 'w', 'MEM', size, size, bands.length, type)
  source.srs = gdal.SpatialReference.fromEPSG(4326)
  source.geoTransform = [west, (east - west) / size, 0, north, 0, (south - north) / size]
  for (const [index, value] of bands.entries()) {
    const band = source.bands.get(index + 1)
    const pixels = new Float64Array(size * size)
    for (let i = 0; i < pixels.length; i++) {
      pixels[i] = typeof value === 'number' ? value : value(i % size, Math.floor(i / size))
    }
    band.pixels.write(0, 0, size, size, pixels)
    if (nodata !== undefined) band.noDataValue = nodata
    if (statistics) {
      const [min, max] = statistics
      band.setMetadata({ STATISTICS_MINIMUM: String(min), STATISTICS_MAXIMUM: String(max) })
    }
  }
  if (palette) {
    const table = new gdal.ColorTable(gdal.GPI_RGB)
    for (const [index, [c1, c2, c3, c4]] of palette.entries()) table.set(index, { c1, c2, c3, c4 })
    source.bands.get(1).colorTable = table
  }
  const name = `/vsimem/${uniqueName()}.tif`
  gdal.drivers
    .get(driver)
    .createCopy(name, source, driver === 'COG' ? { COMPRESS: 'DEFLATE' } : {})
    .close()
  return gdal.vsimem.release(name)
}
