import { parseExpression } from '../expression/parse-expression.ts'
import { parseAlgorithm } from './algorithm-parameters.ts'
import { MOST_ASSETS, MOST_BANDS_OF_ASSET, parseAssets, parseFile } from './asset-parameters.ts'
import { parseColorFormula } from './color-formula.ts'
import { parseColormap } from './colormap-parameter.ts'
import { flag, invalid, oneOf, parseNumber, whole } from './query-values.ts'
import {
  pixelSelectionNames,
  type RenderParameters,
  reprojections,
  resamplings,
  type SearchLimits,
} from './tile-request.ts'

/** A tile of 2048 × 2048 and three bands of doubles takes 100 MB on its way; beyond it a block of tiles is the better question. */
export const LARGEST_TILE = 2_048
export const LARGEST_BUFFER = 128
export const LARGEST_PADDING = 128

/**
 * Image parameters of a query in titiler-pgstac's notation, with defaults resolved; `tileSize` is that of the tile matrix, `file` the
 * asset whose own endpoint it is. Unknown names pass, as clients add their own (keys, cache busters).
 * Throws PARAMETER_INVALID naming parameter and allowed values, EXPRESSION_INVALID.
 */
export function parseRenderParameters(
  query: URLSearchParams,
  defaults: SearchLimits,
  tileSize = 256,
  file: string | null = null,
): RenderParameters {
  const render: RenderParameters = {
    assets: file === null ? parseAssets(query.getAll('assets')) : [parseFile(file, query)],
    assetAsBand: flag(query, 'asset_as_band', false),
    expression: file === null && query.get('expression') ? parseExpression(query.get('expression') ?? '') : null,
    nodata: parseNodata(query.get('nodata')),
    unscale: flag(query, 'unscale', false),
    resampling: oneOf(query, 'resampling', resamplings, 'nearest'),
    reproject: oneOf(query, 'reproject', reprojections, 'nearest'),
    pixelSelection: oneOf(query, 'pixel_selection', pixelSelectionNames, 'first'),
    algorithm: parseAlgorithm(query.get('algorithm'), query.get('algorithm_params')),
    rescale: parseRescale(query.getAll('rescale')),
    colorFormula: parseColorFormula(query.get('color_formula')),
    colormap: parseColormap(query.get('colormap_name'), query.get('colormap')),
    returnMask: flag(query, 'return_mask', true),
    tileSize: whole(query, 'tilesize', tileSize, 1, LARGEST_TILE),
    buffer: parseBuffer(query.get('buffer')),
    padding: whole(query, 'padding', 0, 0, LARGEST_PADDING),
    limits: parseLimits(query, defaults),
  }
  return render
}

/** What bounds a search for items. Throws PARAMETER_INVALID. */
export function parseLimits(query: URLSearchParams, defaults: SearchLimits): SearchLimits {
  return {
    scanLimit: whole(query, 'scan_limit', defaults.scanLimit, 1, 1_000_000),
    itemsLimit: whole(query, 'items_limit', defaults.itemsLimit, 1, 1_000),
    timeLimitSeconds: whole(query, 'time_limit', defaults.timeLimitSeconds, 1, 60),
    exitWhenFull: flag(query, 'exitwhenfull', defaults.exitWhenFull),
    skipCovered: flag(query, 'skipcovered', defaults.skipCovered),
  }
}

function parseNodata(text: string | null): number | null {
  if (text === null) return null
  const [, sign, special] = /^([+-]?)(nan|inf|infinity)$/i.exec(text.trim()) ?? []
  if (special?.toLowerCase() === 'nan') return Number.NaN
  if (special !== undefined) return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const value = parseNumber(text)
  if (value === null) throw invalid('nodata', 'takes a number, nan, inf or -inf')
  return value
}

/** Each value `min,max`; brackets are allowed around it (rendering rule of titiler's RescalingParams). */
function parseRescale(values: readonly string[]): (readonly [number, number])[] {
  if (values.length > MOST_ASSETS * MOST_BANDS_OF_ASSET) throw invalid('rescale', 'is given too often')
  return values.map((value) => {
    const [min, max, ...more] = value.split(',').map((part) => parseNumber(part.replace(/[[\]|]/g, '')))
    if (min == null || max == null || more.length > 0) throw invalid('rescale', 'takes two numbers, as rescale=0,3000')
    return [min, max]
  })
}

/** Half pixels are for grids that lie between the pixels of others. */
function parseBuffer(text: string | null): number {
  const buffer = text === null ? 0 : parseNumber(text)
  if (buffer === null || buffer < 0 || buffer > LARGEST_BUFFER || !Number.isInteger(buffer * 2))
    throw invalid('buffer', `takes a multiple of 0.5 from 0 to ${LARGEST_BUFFER}`)
  return buffer
}
