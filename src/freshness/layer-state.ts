import { type Bounds, splitAtAntimeridian } from '../tile/bounds.ts'
import { fewerBoxes } from './fewer-boxes.ts'

/** A part of a layer whose tiles of earlier editions are outdated. */
export interface Region {
  readonly edition: number
  /** When it was made outdated, milliseconds since 1970. */
  readonly at: number
  /** Zooms, both inclusive, of whatever tile matrix set. */
  readonly minZoom: number
  readonly maxZoom: number
  /** Longitude and latitude; none crosses the antimeridian. */
  readonly boxes: readonly Bounds[]
}

/** What makes a layer's tiles outdated. */
export interface LayerState {
  /** Part of every tile's key: raising it makes all of the layer's tiles outdated at once. */
  readonly generation: number
  /**
   * Rises with every invalidation, be it of the layer or of a region of it. A tile keeps the edition it was rendered in, and is compared with
   * the regions' by it: no clock of any machine takes part.
   */
  readonly edition: number
  /** In the order of their editions. */
  readonly regions: readonly Region[]
}

/** Of a layer that was never invalidated. */
export const firstState: LayerState = { generation: 0, edition: 0, regions: [] }

/** All zooms there can be. */
export const ALL_ZOOMS = { minZoom: -64, maxZoom: 64 } as const

/** Regions of one layer; beyond it the two oldest become one. */
export const MOST_REGIONS = 64

/** Boxes of one region: a document of 64 such regions has 100 kB at most, which API processes fetch when it changes. */
export const MOST_BOXES = 64

/** What is to become outdated. */
export type Area = Pick<Region, 'minZoom' | 'maxZoom' | 'boxes'>

/** The state after an invalidation of an area; null: of the whole layer. `lifeMs`: no tile is served when it is older. */
export function invalidated(state: LayerState, area: Area | null, now: number, lifeMs: number): LayerState {
  // Not below the clock: a Redis that lost its data begins again above the editions that tiles in the cache have.
  const edition = Math.max(state.edition + 1, now)
  if (area === null) return { generation: state.generation + 1, edition, regions: [] }
  const { minZoom, maxZoom } = area
  const boxes = fewerBoxes(area.boxes.flatMap(splitAtAntimeridian), MOST_BOXES)
  const living = state.regions.filter(({ at }) => now - at <= lifeMs)
  return {
    generation: state.generation,
    edition,
    regions: bounded([...living, { edition, at: now, minZoom, maxZoom, boxes }]),
  }
}

/** Old regions become one: more tiles than need be are outdated then, but only of those that are older than a whole list of changes. */
function bounded(regions: readonly Region[]): readonly Region[] {
  const [first, second, ...rest] = regions
  if (regions.length <= MOST_REGIONS || !first || !second) return regions
  return bounded([
    {
      edition: second.edition,
      at: second.at,
      minZoom: Math.min(first.minZoom, second.minZoom),
      maxZoom: Math.max(first.maxZoom, second.maxZoom),
      boxes: fewerBoxes([...first.boxes, ...second.boxes], MOST_BOXES),
    },
    ...rest,
  ])
}
