import gdal from 'gdal-async'
import { TilepressError } from '../errors.ts'
import type { DataType, TypedArray } from '../raster/data-type.ts'
import type { Crs } from '../tile/crs.ts'
import type { BandFacts, DatasetFacts, GeoTransform, MaskKind, Size } from './dataset-facts.ts'
import type { Window } from './source-window.ts'

/** The only drivers a file is ever opened with; GDAL isn't asked to guess. */
const DRIVERS = ['GTiff'] as const

/** int8 is missing: the binding has no such array. */
const dataTypeOf: Record<string, Exclude<DataType, 'int8'>> = {
  Byte: 'uint8',
  UInt16: 'uint16',
  Int16: 'int16',
  UInt32: 'uint32',
  Int32: 'int32',
  Float32: 'float32',
  Float64: 'float64',
}

/** Arrays the binding can fill. */
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
  /** By level + 1, then by band − 1. */
  readonly #bands: readonly (readonly gdal.RasterBand[])[]

  private constructor(dataset: gdal.Dataset, facts: DatasetFacts, bands: readonly (readonly gdal.RasterBand[])[]) {
    this.#dataset = dataset
    this.facts = facts
    this.#bands = bands
  }

  /** Opens read-only and reads all facts off the event loop. Throws what GDAL throws, or ASSET_UNREADABLE. */
  static async open(name: string): Promise<OpenDataset> {
    const dataset = await openWithDrivers(name)
    try {
      const bands = await collectBands(dataset)
      return new OpenDataset(dataset, await readFacts(dataset, bands), bands)
    } catch (error) {
      dataset.close()
      throw error
    }
  }

  /** Fills `target` (window width × height samples of the band's type) with a window of a level; `band` is 1-based. */
  async read(level: number, band: number, window: Window, target: TypedArray): Promise<void> {
    const { x, y, width, height } = window
    await this.#band(level, band).pixels.readAsync(x, y, width, height, target as ReadableArray)
  }

  /** As `read`, on the spot: only for blocks that a read of another band has just put into GDAL's cache (10 µs, not 100). */
  readCached(level: number, band: number, window: Window, target: TypedArray): void {
    const { x, y, width, height } = window
    this.#band(level, band).pixels.read(x, y, width, height, target as ReadableArray)
  }

  /** Fills `target` with the mask all bands share: 0 is masked. */
  async readMask(level: number, window: Window, target: Uint8Array): Promise<void> {
    const mask = this.#band(level, 1).getMaskBand()
    if (mask === null) throw new TilepressError('ASSET_UNREADABLE', 'the file lost its mask')
    await mask.pixels.readAsync(window.x, window.y, window.width, window.height, target)
  }

  /** The GDAL dataset itself, for a warp by GDAL; the lease holds. */
  get dataset(): gdal.Dataset {
    return this.#dataset
  }

  /** Only when idle: GDAL would wait for the running operation and stall every other dataset meanwhile. */
  close(): void {
    this.#dataset.close()
  }

  #band(level: number, band: number): gdal.RasterBand {
    const found = this.#bands[level + 1]?.[band - 1]
    if (!found) throw new RangeError(`no band ${band} at level ${level}`)
    return found
  }
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
async function collectBands(dataset: gdal.Dataset): Promise<gdal.RasterBand[][]> {
  const count = await dataset.bands.countAsync()
  if (count > MAX_BANDS)
    throw new TilepressError('ASSET_UNREADABLE', `the file has ${count} bands; at most ${MAX_BANDS} are read`)
  const full: gdal.RasterBand[] = []
  for (let band = 1; band <= count; band++) full.push(await dataset.bands.getAsync(band))
  const overviews = full[0] === undefined ? 0 : await full[0].overviews.countAsync()
  const levels = [full]
  for (let level = 0; level < overviews; level++) {
    const bands: gdal.RasterBand[] = []
    for (const band of full) bands.push(await band.overviews.getAsync(level))
    levels.push(bands)
  }
  return levels
}

async function readFacts(
  dataset: gdal.Dataset,
  levels: readonly (readonly gdal.RasterBand[])[],
): Promise<DatasetFacts> {
  const first = levels[0]?.[0]
  const geoTransform = await dataset.geoTransformAsync
  if (first === undefined || (geoTransform === null && dataset.getGCPs().length === 0)) {
    throw new TilepressError('ASSET_UNREADABLE', 'the file has no georeferenced raster')
  }
  const bands = (levels[0] ?? []).map(bandFacts)
  const alpha = bands.findIndex((band) => band.colorInterpretation === gdal.GCI_AlphaBand)
  const { x: width, y: height } = dataset.rasterSize
  const metadata: Record<string, unknown> = (await dataset.getMetadataAsync('IMAGE_STRUCTURE')) ?? {}
  return {
    width,
    height,
    geoTransform: geoTransform as unknown as GeoTransform | null,
    crs: crsOf(await dataset.srsAsync),
    bands,
    alphaBand: alpha < 0 ? null : alpha + 1,
    maskKind: maskKindOf(first.getMaskFlags(), alpha >= 0),
    nodata: bands[0]?.nodata ?? null,
    blockSize: sizeOf(first.blockSize),
    overviews: levels.slice(1).map((level) => sizeOf(level[0]!.size)),
    pixelInterleaved: metadata.INTERLEAVE === 'PIXEL',
  }
}

function bandFacts(band: gdal.RasterBand): BandFacts {
  const dataType = dataTypeOf[band.dataType ?? '']
  if (dataType === undefined) throw new TilepressError('ASSET_UNREADABLE', 'the file has samples of an unknown type')
  return {
    dataType,
    nodata: band.noDataValue,
    scale: band.scale ?? 1,
    offset: band.offset ?? 0,
    colorInterpretation: band.colorInterpretation ?? gdal.GCI_Undefined,
  }
}

function maskKindOf(flags: number, hasAlpha: boolean): MaskKind {
  if (hasAlpha || flags & MASK_ALPHA) return 'alpha'
  return flags & MASK_PER_DATASET && !(flags & MASK_NODATA) ? 'dataset' : 'none'
}

function sizeOf(size: { x: number; y: number } | null): Size {
  return { width: size?.x ?? 0, height: size?.y ?? 0 }
}

/** The code GDAL found in the file, or the one it recognises by its parameters; else the WKT itself. */
function crsOf(srs: gdal.SpatialReference | null): Crs | null {
  if (srs === null) return null
  try {
    if (srs.getAuthorityCode(null) === null) srs.autoIdentifyEPSG()
  } catch {
    return srs.toWKT()
  }
  const [authority, code] = [srs.getAuthorityName(null), srs.getAuthorityCode(null)]
  return authority && code ? `${authority}:${code}` : srs.toWKT()
}
