import type { SampleRange } from './item.ts'
import { isObject } from './json.ts'

/** An asset as the item queries give it: its href, or an object of it and its lists of bands where it has any. */
export type StoredAsset = unknown

/** What an item's assets come to: hrefs, and the names of bands where the metadata has them. */
export interface ItemAssets {
  readonly hrefs: Readonly<Record<string, string>>
  readonly bandNames: Readonly<Record<string, readonly string[]>>
}

/** What pgSTAC writes for a key that the base item has and the item has not. */
const ABSENT = '𒍟※'

/**
 * The assets of an item stored without what its collection's base item says already (pgSTAC's dehydration): what the item has goes before,
 * member by member, and lists of one length element by element.
 */
export function mergeAssets(
  own: Readonly<Record<string, StoredAsset>>,
  base: Readonly<Record<string, StoredAsset>>,
): ItemAssets {
  const hrefs: Record<string, string> = {}
  const bandNames: Record<string, readonly string[]> = {}
  for (const name of new Set([...Object.keys(base), ...Object.keys(own)])) {
    const stored = own[name]
    // Most items have nothing of their own but the href: 20 assets take 4 µs so, and 40 µs merged.
    const plain = typeof stored === 'string' && stored !== ABSENT
    const asset = plain ? base[name] : merge(asObject(stored), asObject(base[name]))
    const href = plain ? stored : isObject(asset) ? asset.href : null
    if (typeof href !== 'string') continue
    hrefs[name] = href
    const names = isObject(asset) ? rememberedNames(asset) : null
    if (names !== null) bandNames[name] = names
  }
  return { hrefs, bandNames }
}

/**
 * Names by which `|bands=` asks for an asset's bands: of each entry of `bands`, else of `eo:bands`, the first of its common name, its name and
 * its place in the list (titiler.pgstac.reader.SimpleSTACReader). Null where there is no list.
 */
export function bandNamesOf(asset: Readonly<Record<string, unknown>>): readonly string[] | null {
  const lists = [asset.bands, asset['eo:bands']]
  const bands = lists.find((list): list is unknown[] => Array.isArray(list) && list.length > 0)
  if (bands === undefined) return null
  return bands.map((band, index) => {
    const { 'eo:common_name': common, common_name: commonName, name } = isObject(band) ? band : {}
    return [common, commonName, name].find((text) => typeof text === 'string' && text !== '') ?? String(index + 1)
  }) as string[]
}

/**
 * Least and greatest sample of each band of an asset: of `bands`, else of `raster:bands` (rio_tiler.io.stac). Null where one of them has none.
 */
export function statisticsOf(asset: Readonly<Record<string, unknown>>): readonly SampleRange[] | null {
  const lists = [asset.bands, asset['raster:bands']]
  const bands = lists.find((list): list is unknown[] => Array.isArray(list) && list.length > 0) ?? []
  const ranges = bands.flatMap((band) => {
    const { minimum, maximum } = isObject(band) && isObject(band.statistics) ? band.statistics : {}
    return Number.isFinite(minimum) && Number.isFinite(maximum) ? [[minimum, maximum] as SampleRange] : []
  })
  return ranges.length > 0 && ranges.length === bands.length ? ranges : null
}

const remembered = new WeakMap<object, readonly string[] | null>()

function rememberedNames(asset: Readonly<Record<string, unknown>>): readonly string[] | null {
  const known = remembered.get(asset)
  if (known !== undefined) return known
  const names = bandNamesOf(asset)
  remembered.set(asset, names)
  return names
}

/** Undefined where there is no such asset, or the item leaves all of it to the base item. */
function asObject(asset: StoredAsset): unknown {
  return typeof asset === 'string' && asset !== ABSENT ? { href: asset } : (asset ?? undefined)
}

function merge(own: unknown, base: unknown): unknown {
  if (own === ABSENT) return undefined
  if (own === undefined) return base
  if (isObject(own) && isObject(base)) {
    const merged = { ...base }
    for (const key in own) merged[key] = merge(own[key], base[key])
    return merged
  }
  if (Array.isArray(own) && Array.isArray(base) && own.length === base.length)
    return own.map((element, index) => merge(element, base[index]))
  return own
}
