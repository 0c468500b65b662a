import { parseExpression } from '../expression/parse-expression.ts'
import { invalid, parseInteger } from './query-values.ts'
import type { AssetSelection } from './tile-request.ts'

/** Bounds on what one request may ask, checked before any work. */
export const MOST_ASSETS = 16
export const MOST_BANDS_OF_ASSET = 32
const LONGEST_NAME = 256

/**
 * Values of `assets`, in the order given: `name`, or `name|option=value|…` (titiler-pgstac 3). An option given twice counts as last given,
 * one that is not known is ignored, as titiler does. Throws PARAMETER_INVALID, EXPRESSION_INVALID.
 */
export function parseAssets(values: readonly string[]): AssetSelection[] {
  if (values.length === 0)
    throw invalid('assets', 'is required: the name of an asset, as assets=visual or assets=image|bidx=3,2,1')
  if (values.length > MOST_ASSETS) throw invalid('assets', `may be given at most ${MOST_ASSETS} times`)
  return values.map(parseAsset)
}

/**
 * The only asset of a file's own endpoints, where `bidx`, repeatable, and `expression` stand for its options: an expression reads the
 * file's bands by their numbers. Throws PARAMETER_INVALID, EXPRESSION_INVALID.
 */
export function parseFile(name: string, query: URLSearchParams): AssetSelection {
  const bidx = query.getAll('bidx')
  const expression = query.get('expression')
  const selected = bidx.length === 0 ? null : parseBidx(bidx.join(','))
  if (expression === null || expression === '') return { name, bidx: selected, bands: null, expression: null }
  return { name, bidx: null, bands: null, expression: parseExpression(expression) }
}

function parseAsset(value: string): AssetSelection {
  const [name = '', ...texts] = value.split('|')
  if (name === '' || name.length > LONGEST_NAME)
    throw invalid('assets', `needs a name of 1 to ${LONGEST_NAME} characters`)
  const options = new Map<string, string>()
  for (const text of texts) {
    const at = text.indexOf('=')
    if (at < 0) throw invalid('assets', 'takes options as |name=value')
    options.set(text.slice(0, at), text.slice(at + 1))
  }
  const bidx = options.get('bidx')
  const bands = options.get('bands')
  const expression = options.get('expression')
  const parsed = {
    bidx: bidx === undefined ? null : parseBidx(bidx),
    bands: bands === undefined ? null : parseBands(bands),
    expression: expression === undefined || expression === '' ? null : parseExpression(expression),
  }
  // One says what is read; what it overrides is checked and dropped, so that it does not split the cache.
  if (parsed.expression !== null) return { name, bidx: null, bands: null, expression: parsed.expression }
  return parsed.bands === null ? { name, ...parsed } : { name, ...parsed, bidx: null }
}

function parseBidx(text: string): number[] {
  const bidx = text.split(',').map((part) => parseInteger(part) ?? 0)
  if (bidx.length > MOST_BANDS_OF_ASSET || bidx.some((index) => index < 1 || index > 65_535)) {
    throw invalid('assets', `option bidx takes 1 to ${MOST_BANDS_OF_ASSET} band numbers from 1 on, as bidx=3,2,1`)
  }
  return bidx
}

function parseBands(text: string): string[] {
  const bands = text.split(',')
  if (bands.length > MOST_BANDS_OF_ASSET || bands.some((band) => band === '' || band.length > LONGEST_NAME)) {
    throw invalid('assets', `option bands takes 1 to ${MOST_BANDS_OF_ASSET} band names, as bands=red,green,blue`)
  }
  return bands
}
