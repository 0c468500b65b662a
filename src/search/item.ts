import { TilepressError } from '../errors.ts'
import type { Bounds } from '../tile/bounds.ts'

/** What the renderer needs of a STAC item. */
export interface Item {
  readonly id: string
  readonly collection: string
  /** Footprint's box, longitude and latitude. */
  readonly bbox: Bounds
  /** Asset name to href, as the catalogue has it. */
  readonly assets: ReadonlyMap<string, string>
  /** Asset name to the names of its bands in the file's order, for assets whose metadata names them. */
  readonly bandNames?: ReadonlyMap<string, readonly string[]>
  /** Asset name to the least and greatest sample of each of its bands, for assets whose metadata tells those of all. Of single items alone. */
  readonly statistics?: ReadonlyMap<string, readonly SampleRange[]>
}

export type SampleRange = readonly [min: number, max: number]

/** The 1-based numbers of bands of an asset by name; of two bands of one name the last counts. Throws BAND_INVALID. */
export function bandNumbers(item: Item, asset: string, names: readonly string[]): number[] {
  const known = item.bandNames?.get(asset) ?? []
  return names.map((name) => {
    const number = known.lastIndexOf(name) + 1
    if (number > 0) return number
    const has = known.length === 0 ? 'its metadata names none' : `it has ${known.join(', ')}`
    throw new TilepressError('BAND_INVALID', `asset ${asset} of item ${item.id} has no band ${name}: ${has}`)
  })
}
