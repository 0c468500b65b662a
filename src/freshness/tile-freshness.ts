import type { Bounds } from '../tile/bounds.ts'
import { boundsOverlap, splitAtAntimeridian } from '../tile/bounds.ts'
import type { Tile } from '../tile/tile.ts'
import type { LayerState } from './layer-state.ts'

/** What a kept tile tells of its making. */
export interface Rendered {
  readonly outcome: 'image' | 'empty'
  /** Milliseconds since 1970, by the clock of the worker. */
  readonly renderedAt: number
  /** Of its layer, when it was rendered; 0 when absent. */
  readonly edition?: number
}

/** Ages of a tile, seconds. */
export interface TileLife {
  /** From here on it is served and rendered anew behind its client's back. */
  readonly softSeconds: number
  /** From here on it is not served. */
  readonly hardSeconds: number
}

/** The life of a tile that is an image or empty. */
export type LifeOf = (tile: Pick<Rendered, 'outcome'>) => TileLife

/** A tile of each kind has one life long, whatever the layer. An empty tile's soft age is the same share of its life as an image's. */
export function tileLives(config: {
  readonly TILE_FRESH_SECONDS: number
  readonly TILE_TTL_SECONDS: number
  readonly EMPTY_TTL_SECONDS: number
}): LifeOf {
  const { TILE_FRESH_SECONDS, TILE_TTL_SECONDS, EMPTY_TTL_SECONDS } = config
  const image = { softSeconds: TILE_FRESH_SECONDS, hardSeconds: TILE_TTL_SECONDS }
  const empty = {
    softSeconds: (EMPTY_TTL_SECONDS * TILE_FRESH_SECONDS) / TILE_TTL_SECONDS,
    hardSeconds: EMPTY_TTL_SECONDS,
  }
  return ({ outcome }) => (outcome === 'empty' ? empty : image)
}

/** What regions are kept for: no tile is served when it is older, whatever clock it was stamped by. */
export function longestLifeMs(config: {
  readonly TILE_TTL_SECONDS: number
  readonly EMPTY_TTL_SECONDS: number
}): number {
  return (Math.max(config.TILE_TTL_SECONDS, config.EMPTY_TTL_SECONDS) + CLOCKS_APART_SECONDS) * 1_000
}

/** `aged`: past its soft age. `outdated`: in a region that was invalidated after it. `expired`: past its hard age. */
export type Verdict = 'fresh' | 'aged' | 'outdated' | 'expired'

/** More than clocks of two machines can be apart. */
const CLOCKS_APART_SECONDS = 3_600

/** How far lives of neighbours lie apart, of their length. */
const SPREAD = 0.1

/**
 * 0.9 … 1.1, by which a tile's soft age and max-age are multiplied. It depends on the tile's place alone: what was rendered together, or fetched
 * together by a map, does not come back together (mod_tile adds a random part to each max-age for the same reason), and a tile's answers agree
 * over all processes.
 */
export function lifeSpread({ z, x, y }: Tile): number {
  const mixed = Math.imul(Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca6b) ^ Math.imul(z, 0xc2b2ae35), 0x27d4eb2f)
  return 1 - SPREAD + ((mixed >>> 8) / 0xffffff) * 2 * SPREAD
}

/** By age alone. A clock that is behind the worker's makes a tile young, never old. */
export function judgeAge(tile: Rendered, lifeOf: LifeOf, spread: number, now: number): Exclude<Verdict, 'outdated'> {
  const age = (now - tile.renderedAt) / 1_000
  const { softSeconds, hardSeconds } = lifeOf(tile)
  if (age > hardSeconds) return 'expired'
  return age > softSeconds * spread ? 'aged' : 'fresh'
}

/**
 * Editions up to which tiles in memory are known to lie in no region: a hit on such a tile costs one look here, however long the layer's list is.
 */
const untouched = new WeakMap<Rendered, number>()

/**
 * Whether the tile lies in a region that was invalidated after it was rendered. `placeOf`: the longitude-latitude box (west > east crosses the
 * antimeridian) where its items are looked for; null when none of it is on Earth.
 */
export function isOutdated(
  tile: Rendered,
  { edition, regions }: Pick<LayerState, 'edition' | 'regions'>,
  z: number,
  placeOf: () => Bounds | null,
): boolean {
  const own = tile.edition ?? 0
  if (own >= edition || untouched.get(tile) === edition) return false
  const later = regions.filter((region) => region.edition > own && z >= region.minZoom && z <= region.maxZoom)
  const place = later.length > 0 ? placeOf() : null
  const parts = place ? splitAtAntimeridian(place) : []
  const touched = later.some(({ boxes }) => boxes.some((box) => parts.some((part) => boundsOverlap(box, part))))
  if (!touched) untouched.set(tile, edition)
  return touched
}
