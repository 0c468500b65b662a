import gdal from 'gdal-async'
import { TilepressError } from '../errors.ts'
import { type DataType, dataTypeRange, type TypedArray } from '../raster/data-type.ts'
import type { Crs } from '../tile/crs.ts'
import type { BandFacts, DatasetFacts, GeoTransform, MaskKind, Size } from './dataset-facts.ts'
import { type PlacedByPoints, placeByPoints } from './points-dataset.ts'
import type { Window } from './source-window.ts'
import { isSameCrs } from './spatial-reference.ts'

/** The only drivers a file is ever opened with; GDAL isn't asked to guess. */
const DRIVERS = ['GTiff'] as const

const dataTypeOf: Record<string, DataType> = {
  Byte: 'uint8',
  Int8: 'int8',
  UInt16: 'uint16',
  Int16: 'int16',
  UInt32: 'uint32',
  Int32: 'int32',
  UInt64: 'uint64',
  Int64: 'int64',
  Float32: 'float32',
  Float64: 'float64',
}

/** Arrays the binding can fill; 64-bit integers are read as doubles. */
export type ReadableArray = Exclude<TypedArray, Int8Array>

/** A file with more is no imagery; each costs a handle a level. */
const MAX_BANDS = 1024

/** GMF_ bits of GDALGetMaskFlags. */
const MASK_PER_DATASET = 2
const MASK_ALPHA = 4
const MASK_NODATA = 8

/**
 * One open handle of a file. GDAL allows one operation at a time on it: a second one would hold a thread of the pool while it
 * waits, and a synchronous call would hold the event loop; whoever leases it from the pool is alone.
 */
export class OpenDataset {
  readonly facts: DatasetFacts
  readonly #dataset: gdal.Dataset
  readonly #bands: Bands
  /** The raster that stands in for a file placed by points, else null. */
  readonly #placed: PlacedByPoints | null

  private constructor(dataset: gdal.Dataset, facts: DatasetFacts, bands: Bands, placed: PlacedByPoints | null) {
    this.#dataset = dataset
    this.facts = facts
    this.#bands = bands
    this.#placed = placed
  }

  /** Opens read-only and reads all facts off the event loop. Throws what GDAL throws, or ASSET_UNREADABLE. */
  static async open(name: string): Promise<OpenDataset> {
    const file = await openWithDrivers(name)
    let placed: PlacedByPoints | null = null
    try {
      placed = await placeByPoints(file)
      const dataset = placed?.dataset ?? file
      const bands = await collectBands(dataset)
      const facts = { ...(await readFacts(dataset, bands)), placedByPoints: placed !== null }
      return new OpenDataset(file, facts, bands, placed)
    } catch (error) {
      placed?.close()
      file.close()
      throw error
    }
  }

  /** Fills `target` (window width × height samples of the band's type) with a window of a level; `band` is 1-based. */
  async read(level: number, band: number, window: Window, target: TypedArray): Promise<void> {
    const { x, y, width, height } = window
    const readable = readableOf(target)
    await this.#band(level, band).pixels.readAsync(x, y, width, height, readable)
    this.#finish(band, readable, target)
  }

  /** As `read`, on the spot: only for blocks that a read of another band has just put into GDAL's cache (10 µs, not 100). */
  readCached(level: number, band: number, window: Window, target: TypedArray): void {
    const { x, y, width, height } = window
    const readable = readableOf(target)
    this.#band(level, band).pixels.read(x, y, width, height, readable)
    this.#finish(band, readable, target)
  }

  /** Fills `target` with the mask all bands share: 0 is masked. `level` counts the mask's own overviews. */
  async readMask(level: number, window: Window, target: Uint8Array): Promise<void> {
    const mask = this.#bands.mask[level + 1]
    if (mask === undefined) throw new RangeError(`no mask at level ${level}`)
    await mask.pixels.readAsync(window.x, window.y, window.width, window.height, target)
  }

  /** Metadata of each of the file's own bands in GDAL's default domain, which a TIFF has in its header. */
  bandMetadata(): Record<string, string>[] {
    return this.#dataset.bands.map((band) => {
      const metadata: Record<string, string> | null = band.getMetadata()
      return { ...metadata }
    })
  }

  /** The GDAL dataset itself, for a warp by GDAL; the lease holds. */
  get dataset(): gdal.Dataset {
    return this.#placed?.dataset ?? this.#dataset
  }

  /** Only when idle: GDAL would wait for the running operation and stall every other dataset meanwhile. */
  close(): void {
    this.#placed?.close()
    this.#dataset.close()
  }

  #band(level: number, band: number): gdal.RasterBand {
    const found = this.#bands.levels[level + 1]?.[band - 1]
    if (!found) throw new RangeError(`no band ${band} at level ${level}`)
    return found
  }

  /** GDAL before 3.7 reads signed bytes as unsigned ones: the bits are right. Later it widens them. */
  #finish(band: number, readable: ReadableArray, target: TypedArray): void {
    if (readable.buffer === target.buffer) return
    if (this.#band(-1, band).dataType === 'Byte') new Uint8Array(target.buffer, 0, target.length).set(readable)
    else target.set(readable)
  }
}

/** Handles by level + 1: bands by number − 1, and the mask they share. */
interface Bands {
  readonly levels: readonly (readonly gdal.RasterBand[])[]
  readonly mask: readonly gdal.RasterBand[]
}

/** The binding has no array of signed bytes. */
function readableOf(target: TypedArray): ReadableArray {
  return target instanceof Int8Array ? new Int16Array(target.length) : target
}

async function openWithDrivers(name: string): Promise<gdal.Dataset> {
  let failure: unknown
  for (const driver of DRIVERS) {
    try {
      return await gdal.drivers.get(driver).openAsync(name, 'r')
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

/** Counting overviews makes GDAL read all directories of the file, possibly over the network: hence asynchronously, and first. */
async function collectBands(dataset: gdal.Dataset): Promise<Bands> {
  const count = await dataset.bands.countAsync()
  if (count > MAX_BANDS)
    throw new TilepressError('ASSET_UNREADABLE', `the file has ${count} bands; at most ${MAX_BANDS} are read`)
  const full: gdal.RasterBand[] = []
  for (let band = 1; band <= count; band++) full.push(await dataset.bands.getAsync(band))
  const [first] = full
  const overviews = first === undefined ? 0 : await first.overviews.countAsync()
  const levels = [full]
  for (let level = 0; level < overviews; level++) levels.push(await overviewBands(full, level))
  return { levels, mask: first === undefined || !hasMask(first) ? [] : await maskBands(first) }
}

async function overviewBands(full: readonly gdal.RasterBand[], level: number): Promise<gdal.RasterBand[]> {
  const bands: gdal.RasterBand[] = []
  for (const band of full) bands.push(await band.overviews.getAsync(level))
  return bands
}

async function maskBands(first: gdal.RasterBand): Promise<gdal.RasterBand[]> {
  const mask = first.getMaskBand()
  if (mask === null) return []
  const bands = [mask]
  const overviews = await mask.overviews.countAsync()
  for (let level = 0; level < overviews; level++) bands.push(await mask.overviews.getAsync(level))
  return bands
}

async function readFacts(
  dataset: gdal.Dataset,
  { levels, mask }: Bands,
): Promise<Omit<DatasetFacts, 'placedByPoints'>> {
  const first = levels[0]?.[0]
  const geoTransform = await dataset.geoTransformAsync
  if (first === undefined || (geoTransform === null && dataset.getGCPs().length === 0)) {
    throw new TilepressError('ASSET_UNREADABLE', 'the file has no georeferenced raster')
  }
  const bands = (levels[0] ?? []).map(bandFacts)
  const alpha = bands.findIndex((band) => band.colorInterpretation === gdal.GCI_AlphaBand)
  const { x: width, y: height } = dataset.rasterSize
  const metadata: Record<string, unknown> = (await dataset.getMetadataAsync('IMAGE_STRUCTURE')) ?? {}
  const maskKind: MaskKind = alpha >= 0 ? 'alpha' : mask.length > 0 ? 'dataset' : 'none'
  const nodata = bands[0]?.nodata ?? null
  return {
    width,
    height,
    geoTransform: geoTransform as unknown as GeoTransform | null,
    crs: crsOf(await dataset.srsAsync),
    bands,
    alphaBand: alpha < 0 ? null : alpha + 1,
    maskKind,
    kernelMask:
      mask.length > 0 ? 'dataset' : nodata !== null ? 'nodata' : weighsByAlpha(bands, alpha) ? 'alpha' : 'none',
    nodata,
    palettes: levels.map(([band]) => colorsOf(band!)),
    blockSize: sizeOf(first.blockSize),
    overviews: levels.slice(1).map((level) => sizeOf(level[0]!.size)),
    maskOverviews: mask.slice(1).map((band) => sizeOf(band.size)),
    pixelInterleaved: metadata.INTERLEAVE === 'PIXEL',
  }
}

function bandFacts(band: gdal.RasterBand): BandFacts {
  const metadata: Record<string, unknown> = band.getMetadata('IMAGE_STRUCTURE') ?? {}
  const signed = band.dataType === 'Byte' && metadata.PIXELTYPE === 'SIGNEDBYTE'
  const dataType = signed ? 'int8' : dataTypeOf[band.dataType ?? '']
  if (dataType === undefined) {
    throw new TilepressError('ASSET_UNREADABLE', `the file has samples of type ${band.dataType}, which is not read`)
  }
  return {
    dataType,
    nodata: inRange(band.noDataValue, dataType),
    scale: band.scale ?? 1,
    offset: band.offset ?? 0,
    bits: metadata.NBITS === undefined ? null : Number(metadata.NBITS),
    description: band.description || null,
    colorInterpretation: band.colorInterpretation ?? 'Undefined',
  }
}

/** rasterio's rule: a value that the type cannot hold is no nodata value. */
function inRange(nodata: number | null, type: DataType): number | null {
  if (nodata === null) return null
  const [min, max] = dataTypeRange[type]
  if (type === 'float32' || type === 'float64')
    return Math.abs(nodata) <= max || !Number.isFinite(nodata) ? nodata : null
  return nodata >= min && nodata <= max ? nodata : null
}

/** A mask for all bands in the file itself (GMF_PER_DATASET, neither by alpha nor by nodata). */
function hasMask(band: gdal.RasterBand): boolean {
  return (band.getMaskFlags() & (MASK_PER_DATASET | MASK_ALPHA | MASK_NODATA)) === MASK_PER_DATASET
}

/** GDALRasterBand::GetMaskBand knows alpha only behind one or three bands of whole numbers. */
function weighsByAlpha(bands: readonly BandFacts[], alpha: number): boolean {
  const type = bands[alpha]?.dataType
  return (
    (bands.length === 2 || bands.length === 4) && alpha === bands.length - 1 && (type === 'uint8' || type === 'uint16')
  )
}

function colorsOf(band: gdal.RasterBand): Uint8Array | null {
  // The binding's types know null alone.
  const table: gdal.ColorTable | null | undefined = band.colorTable
  if (table == null) return null
  const colors = new Uint8Array(table.count() * 4)
  for (let index = 0; index < table.count(); index++) {
    const { c1, c2, c3, c4 } = table.get(index)
    colors.set([c1, c2, c3, c4], index * 4)
  }
  return colors
}

function sizeOf(size: { x: number; y: number } | null): Size {
  return { width: size?.x ?? 0, height: size?.y ?? 0 }
}

/** The code GDAL found in the file, or one it recognises whose system is the same; else the WKT itself. */
export function crsOf(srs: gdal.SpatialReference | null): Crs | null {
  if (srs === null) return null
  const wkt = srs.toWKT()
  try {
    const given = srs.getAuthorityCode(null) !== null
    if (!given) srs.autoIdentifyEPSG()
    const code = `${srs.getAuthorityName(null)}:${srs.getAuthorityCode(null)}`
    return given || isSameCrs(code, wkt) ? code : wkt
  } catch {
    return wkt
  }
}
