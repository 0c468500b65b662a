import { isObject } from './json.ts'

/** Render parameters of a mosaic by name, in the form a tile's query takes. */
export type RenderDefaults = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/**
 * A search's `metadata.defaults` (STAC render extension) as query parameters: `rescale` pairs as `min,max`, a colormap as JSON, one asset as
 * a list of one, and titiler 1's `asset_bidx` and `asset_expression` as options of their asset (`B1|bidx=2`).
 */
export function renderDefaults(defaults: unknown): RenderDefaults {
  if (!isObject(defaults)) return {}
  return Object.fromEntries(
    Object.entries(defaults).flatMap(([name, render]) => (isObject(render) ? [[name, toParameters(render)]] : [])),
  )
}

/** The query of a tile or a TileJSON document: a list is a repeated key. */
export function renderQuery(render: Readonly<Record<string, unknown>>): URLSearchParams {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(render)) {
    for (const one of toList(value)) {
      if (one !== null && one !== undefined)
        query.append(key, typeof one === 'object' ? JSON.stringify(one) : String(one))
    }
  }
  return query
}

function toParameters(render: Record<string, unknown>): Record<string, unknown> {
  const { rescale, colormap, assets, asset_bidx: bidx, asset_expression: expression, ...others } = render
  const given = (value: unknown) => value !== undefined && value !== null
  return {
    ...others,
    ...(given(rescale) && { rescale: toRescale(rescale) }),
    ...(given(colormap) && { colormap: typeof colormap === 'string' ? colormap : JSON.stringify(colormap) }),
    ...(given(assets)
      ? { assets: toList(assets).map((asset) => withOptions(String(asset), toList(bidx), toList(expression))) }
      : {
          ...(given(bidx) && { asset_bidx: toList(bidx) }),
          ...(given(expression) && { asset_expression: toList(expression) }),
        }),
  }
}

/** [[0, 1], [0, 2]] → 0,1 and 0,2; people also write [0, 1] for one pair. */
function toRescale(rescale: unknown): string[] {
  const pairs = toList(rescale)
  if (pairs.length > 0 && pairs.every((number) => typeof number === 'number')) return [pairs.join(',')]
  return pairs.map((pair) => (Array.isArray(pair) ? pair.join(',') : String(pair)))
}

/** `bidx` and `expression` are lists of `asset|value`. */
function withOptions(asset: string, bidx: readonly unknown[], expression: readonly unknown[]): string {
  const optionsOf = (list: readonly unknown[], option: string) =>
    list
      .map(String)
      .flatMap((text) => (text.startsWith(`${asset}|`) ? [`${option}=${text.slice(asset.length + 1)}`] : []))
  return [asset, ...optionsOf(bidx, 'bidx'), ...optionsOf(expression, 'expression')].join('|')
}

function toList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  return value === undefined || value === null ? [] : [value]
}
