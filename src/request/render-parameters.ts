import { TilepressError } from '../errors.ts'
import { colormapNames } from './colormap-names.ts'
import type { AssetSelection, Colormap, RenderParameters, SearchLimits } from './tile-request.ts'

/** Bounds on what one request may ask, checked before any work. */
const MOST_ASSETS = 16
const MOST_BANDS_OF_ASSET = 32
const LONGEST_NAME = 256

/** Kernels, selections and sizes that are offered so far. */
export const offeredKernels = ['nearest', 'bilinear'] as const
export const tileSizes = [256, 512] as const

/**
 * Parameters of titiler-pgstac that change pixels and are not offered: ignoring one would serve a wrong picture, so they are
 * refused. The value beside a name is its default and passes.
 */
const refused: Record<string, string | null> = {
  expression: null,
  asset_as_band: 'false',
  unscale: 'false',
  color_formula: null,
  colormap: null,
  algorithm: null,
  algorithm_params: null,
  buffer: null,
  padding: null,
}

/**
 * Image parameters of a query in titiler-pgstac's notation, with defaults resolved.
 * Unknown names pass, as clients add their own (keys, cache busters). Throws PARAMETER_INVALID naming parameter and allowed values.
 */
export function parseRenderParameters(query: URLSearchParams, defaults: SearchLimits): RenderParameters {
  for (const [name, harmless] of Object.entries(refused)) {
    const value = query.get(name)
    if (value !== null && value.toLowerCase() !== harmless) throw invalid(name, 'is not supported by this server')
  }
  return {
    assets: parseAssets(query.getAll('assets')),
    assetAsBand: false,
    expression: null,
    nodata: parseNodata(query.get('nodata')),
    unscale: false,
    resampling: oneOf(query, 'resampling', offeredKernels, 'nearest'),
    reproject: oneOf(query, 'reproject', offeredKernels, 'nearest'),
    pixelSelection: oneOf(query, 'pixel_selection', ['first'], 'first'),
    algorithm: null,
    rescale: parseRescale(query.getAll('rescale')),
    colorFormula: [],
    colormap: parseColormapName(query.get('colormap_name')),
    returnMask: flag(query, 'return_mask', true),
    tileSize: parseTileSize(query.get('tilesize')),
    buffer: 0,
    padding: 0,
    limits: {
      scanLimit: whole(query, 'scan_limit', defaults.scanLimit, 1, 1_000_000),
      itemsLimit: whole(query, 'items_limit', defaults.itemsLimit, 1, 1_000),
      timeLimitSeconds: whole(query, 'time_limit', defaults.timeLimitSeconds, 1, 60),
      exitWhenFull: flag(query, 'exitwhenfull', defaults.exitWhenFull),
      skipCovered: flag(query, 'skipcovered', defaults.skipCovered),
    },
  }
}

/** `name|bidx=1,2` (titiler-pgstac 3: `assets={name}|option=value|…`), in the order given. */
function parseAssets(values: readonly string[]): AssetSelection[] {
  if (values.length === 0)
    throw invalid('assets', 'is required: the name of an asset, as assets=visual or assets=image|bidx=3,2,1')
  if (values.length > MOST_ASSETS) throw invalid('assets', `may be given at most ${MOST_ASSETS} times`)
  return values.map((value) => {
    const [name = '', ...options] = value.split('|')
    if (name === '' || name.length > LONGEST_NAME)
      throw invalid('assets', `needs a name of 1 to ${LONGEST_NAME} characters`)
    let bidx: readonly number[] | null = null
    for (const option of options) {
      const at = option.indexOf('=')
      const key = at < 0 ? option : option.slice(0, at)
      if (at < 0) throw invalid('assets', 'takes options as |name=value')
      if (key === 'expression' || key === 'bands')
        throw invalid('assets', `option ${key} is not supported by this server`)
      if (key === 'bidx') bidx = parseBidx(option.slice(at + 1))
    }
    return { name, bidx, bands: null, expression: null }
  })
}

function parseBidx(text: string): number[] {
  const bidx = text.split(',').map((part) => (/^ *\d{1,5} *$/.test(part) ? Number(part) : 0))
  if (bidx.length > MOST_BANDS_OF_ASSET || bidx.some((index) => index < 1)) {
    throw invalid('assets', `option bidx takes 1 to ${MOST_BANDS_OF_ASSET} band numbers from 1 on, as bidx=3,2,1`)
  }
  return bidx
}

function parseNodata(text: string | null): number | null {
  if (text === null) return null
  const special: Record<string, number> = {
    nan: Number.NaN,
    inf: Number.POSITIVE_INFINITY,
    '-inf': Number.NEGATIVE_INFINITY,
  }
  const value = special[text.toLowerCase()] ?? number(text)
  if (value === null) throw invalid('nodata', 'takes a number, nan, inf or -inf')
  return value
}

/** Each value `min,max`; brackets are allowed around it (rendering rule of titiler's RescalingParams). */
function parseRescale(values: readonly string[]): (readonly [number, number])[] {
  if (values.length > MOST_ASSETS * MOST_BANDS_OF_ASSET) throw invalid('rescale', 'is given too often')
  return values.map((value) => {
    const [min, max, ...more] = value.split(',').map((part) => number(part.replace(/[[\]|]/g, '')))
    if (min == null || max == null || more.length > 0) throw invalid('rescale', 'takes two numbers, as rescale=0,3000')
    return [min, max]
  })
}

function parseColormapName(name: string | null): Colormap | null {
  if (name === null) return null
  if (colormapNames.has(name)) return { kind: 'named', name }
  throw invalid('colormap_name', `takes one of ${[...colormapNames].join(', ')}`)
}

function parseTileSize(text: string | null): RenderParameters['tileSize'] {
  if (text === null) return 256
  const size = tileSizes.find((allowed) => String(allowed) === text)
  if (size === undefined) throw invalid('tilesize', `takes one of ${tileSizes.join(', ')}`)
  return size
}

function oneOf<T extends string>(query: URLSearchParams, name: string, allowed: readonly T[], fallback: T): T {
  const text = query.get(name)
  if (text === null) return fallback
  const value = allowed.find((each) => each === text)
  if (value === undefined) throw invalid(name, `takes one of ${allowed.join(', ')}`)
  return value
}

/** Pydantic's spellings of a boolean. */
function flag(query: URLSearchParams, name: string, fallback: boolean): boolean {
  const text = query.get(name)?.toLowerCase()
  if (text === undefined) return fallback
  if (['true', '1', 'yes', 'on', 't', 'y'].includes(text)) return true
  if (['false', '0', 'no', 'off', 'f', 'n'].includes(text)) return false
  throw invalid(name, 'takes true or false')
}

function whole(query: URLSearchParams, name: string, fallback: number, min: number, max: number): number {
  const text = query.get(name)
  if (text === null) return fallback
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= min && value <= max)) throw invalid(name, `takes a whole number from ${min} to ${max}`)
  return value
}

/** A finite decimal number, or null. */
function number(text: string): number | null {
  return /^ *[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)? *$/i.test(text) && Number.isFinite(Number(text)) ? Number(text) : null
}

function invalid(parameter: string, rule: string): TilepressError {
  return new TilepressError('PARAMETER_INVALID', `parameter ${parameter} ${rule}`, { context: { parameter } })
}
