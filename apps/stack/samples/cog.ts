import { rm } from 'node:fs/promises'
import gdal from 'gdal-async'

export interface CogBand {
  readonly name: string
  readonly values: Uint16Array
}

export interface CogSource {
  readonly width: number
  readonly height: number
  /** Equal in length to width × height, rows from the top. */
  readonly bands: readonly CogBand[]
  /** 255 = valid; null = none. */
  readonly mask: Uint8Array | null
  readonly nodata: number | null
  readonly epsg: number
  /** Upper left corner of the raster in units of the reference system. */
  readonly corner: readonly [x: number, y: number]
  readonly pixelSize: number
}

/** Writes a 16-bit Cloud-Optimized GeoTIFF with overviews; a mask becomes the file's internal one. */
export async function writeCog(path: string, source: CogSource): Promise<void> {
  const { width, height, pixelSize, corner } = source
  const memory = await gdal.openAsync('cog', 'w', 'MEM', width, height, source.bands.length, gdal.GDT_UInt16)
  memory.srs = gdal.SpatialReference.fromEPSG(source.epsg)
  memory.geoTransform = [corner[0], pixelSize, 0, corner[1], 0, -pixelSize]
  for (const [index, { name, values }] of source.bands.entries()) {
    const band = memory.bands.get(index + 1)
    band.colorInterpretation = colours[name] ?? gdal.GCI_Undefined
    if (source.nodata !== null) band.noDataValue = source.nodata
    await band.pixels.writeAsync(0, 0, width, height, values)
  }
  if (source.mask) {
    const perDataset = 2
    memory.bands.get(1).createMaskBand(perDataset)
    await memory.bands.get(1).getMaskBand()?.pixels.writeAsync(0, 0, width, height, source.mask)
  }
  // PREDICTOR=2 halves 16-bit imagery; AVERAGE keeps overviews free of the moiré that nearest gives on fields.
  const options = [
    'BLOCKSIZE=512',
    'COMPRESS=DEFLATE',
    'LEVEL=6',
    'PREDICTOR=YES',
    'RESAMPLING=AVERAGE',
    'NUM_THREADS=2',
  ]
  await createCog(path, memory, options)
  memory.close()
}

/** Writes a window of a picture as a JPEG COG in longitude and latitude. `west` and `north` are the window's upper left corner. */
export async function writeJpegCog(
  path: string,
  picture: gdal.Dataset,
  window: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  place: { readonly west: number; readonly north: number; readonly pixelSize: number },
): Promise<void> {
  const { x, y, width, height } = window
  const east = place.west + width * place.pixelSize
  const south = place.north - height * place.pixelSize
  const box = [place.west, place.north, east, south].map(String)
  const cut = ['-srcwin', ...[x, y, width, height].map(String), '-a_srs', 'EPSG:4326', '-a_ullr', ...box]
  const memory = await gdal.translateAsync(`/vsimem/${crypto.randomUUID()}.tif`, picture, [...cut, '-of', 'GTiff'])
  await createCog(path, memory, ['BLOCKSIZE=256', 'COMPRESS=JPEG', 'QUALITY=88', 'RESAMPLING=AVERAGE'])
  const name = memory.description
  memory.close()
  gdal.vsimem.release(name)
}

async function createCog(path: string, source: gdal.Dataset, options: string[]): Promise<void> {
  const driver = gdal.drivers.get('COG')
  if (!driver) throw new Error('This GDAL has no COG driver: version 3.1 or newer is needed.')
  const cog = await driver.createCopyAsync(path, source, options)
  cog.close()
  await rm(`${path}.aux.xml`, { force: true })
}

const colours: Readonly<Record<string, string>> = {
  red: gdal.GCI_RedBand,
  green: gdal.GCI_GreenBand,
  blue: gdal.GCI_BlueBand,
}
