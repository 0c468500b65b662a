import type { LayeredCache } from '../cache/layered-cache.ts'
import { createStoredTile } from '../cache/stored-tile.ts'
import type { StoredTile } from '../cache/tile-cache.ts'
import { enlarge, type ImageWindow } from '../encode/enlarge.ts'
import { type TileSeries, tileKey } from '../key/tile-key.ts'
import type { TileRequest } from '../request/tile-request.ts'
import type { Bounds } from '../tile/bounds.ts'
import type { TileFormat } from '../tile/format.ts'
import type { Tile } from '../tile/tile.ts'
import { canonicalTile, hasTile, type TileMatrixSet, tileBounds, tileMatrix } from '../tile/tile-matrix-set.ts'
import { tileMatrixSets } from '../tile/tile-matrix-sets.ts'
import { type JudgeParts, judgeTile } from './judge-tile.ts'

/** Tiles enlarged in a second by one process: at 4 to 6 ms each they take an eighth of its time at most, however many clients wait in vain. */
const MOST_A_SECOND = 20

/** Formats that are enlarged: not those that hold data, which would be taken for measured, nor those that only an image library reads. */
const pictures: readonly TileFormat[] = ['auto', 'png', 'jpeg', 'jpg']

/** Of a tile's side, by which a parent may miss its edge: rounding. */
const ROUNDING = 1e-6

export interface OverzoomParts extends JudgeParts {
  readonly cache: LayeredCache
  /** How many zooms up an ancestor is looked for (OVERZOOM_LEVELS); 0: not at all. */
  readonly levels: number
}

/** Makes a tile of what the cache has of its ancestors: coarse, but a map and no hole. */
export class Overzoom {
  readonly #parts: OverzoomParts
  #second = 0
  #made = 0

  constructor(parts: OverzoomParts) {
    this.#parts = parts
  }

  /** The part of the nearest ancestor in a cache, in a tile's size; null where there is none, or too many are asked for. */
  async tile(series: TileSeries, request: TileRequest): Promise<StoredTile | null> {
    const { cache, levels } = this.#parts
    const tms = tileMatrixSets.get(series.tileMatrixSetId)
    // What lies around a tile is no part of its ancestor's middle.
    if (!tms || !pictures.includes(series.format) || request.render.buffer > 0) return null
    for (let level = 1; level <= levels; level++) {
      const ancestor = ancestorOf(tms, request.tile, level)
      if (!ancestor) return null
      const found = await cache.peek(tileKey(series, ancestor))
      if (!found || found.outcome === 'empty') continue
      if (judgeTile(this.#parts, found, series, { ...request, tile: ancestor }) === 'expired') continue
      return await this.#enlarged(found, windowOf(tms, request.tile, ancestor), request.render.tileSize)
    }
    return null
  }

  async #enlarged(ancestor: StoredTile, window: ImageWindow, side: number): Promise<StoredTile | null> {
    if (!this.#mayMake()) return null
    const body = await enlarge(ancestor, window, side, side)
    const { contentType, renderedAt, truncated, edition } = ancestor
    return body && createStoredTile({ outcome: 'image', contentType, body }, truncated, renderedAt, edition)
  }

  #mayMake(): boolean {
    const second = Math.floor(performance.now() / 1_000)
    if (second !== this.#second) {
      this.#second = second
      this.#made = 0
    }
    return ++this.#made <= MOST_A_SECOND
  }
}

/** The tile so many zooms up that holds all of this one; null where there is none, as in sets whose zooms are no quarters of one another. */
export function ancestorOf(tms: TileMatrixSet, tile: Tile, level: number): Tile | null {
  const z = tile.z - level
  const matrix = tileMatrix(tms, z)
  if (!matrix) return null
  const bounds = tileBounds(tms, tile)
  const side = matrix.cellSize * matrix.tileSize
  const x = Math.floor(((bounds[0] + bounds[2]) / 2 - matrix.originX) / side)
  const middle = (bounds[1] + bounds[3]) / 2
  const y = Math.floor((matrix.bottomLeft ? middle - matrix.originY : matrix.originY - middle) / side)
  if (!hasTile(tms, { z, x, y })) return null
  const ancestor = canonicalTile(tms, { z, x, y })
  return holds(tileBounds(tms, ancestor), bounds) ? ancestor : null
}

function holds(outer: Bounds, inner: Bounds): boolean {
  const slack = (inner[2] - inner[0]) * ROUNDING
  return (
    inner[0] >= outer[0] - slack &&
    inner[1] >= outer[1] - slack &&
    inner[2] <= outer[2] + slack &&
    inner[3] <= outer[3] + slack
  )
}

function windowOf(tms: TileMatrixSet, tile: Tile, ancestor: Tile): ImageWindow {
  const [left, bottom, right, top] = tileBounds(tms, tile)
  const outer = tileBounds(tms, ancestor)
  const [width, height] = [outer[2] - outer[0], outer[3] - outer[1]]
  return {
    left: (left - outer[0]) / width,
    top: (outer[3] - top) / height,
    width: (right - left) / width,
    height: (top - bottom) / height,
  }
}
