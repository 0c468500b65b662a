import type { Bounds } from '../tile/bounds.ts'

/** What the renderer needs of a STAC item. */
export interface Item {
  readonly id: string
  readonly collection: string
  /** Footprint's box, longitude and latitude. */
  readonly bbox: Bounds
  /** Asset name to href, as the catalogue has it. */
  readonly assets: ReadonlyMap<string, string>
}
