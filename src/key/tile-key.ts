import { createHash } from 'node:crypto'
import { toCanonical } from '../request/canonical.ts'
import { type Layer, layerIds, type RenderParameters, type TileRequest } from '../request/tile-request.ts'
import type { Tile } from '../tile/tile.ts'

/** Part of every key. Raise it when the same request must give other bytes: a change of a formula, a kernel or an encoder. */
export const KEY_VERSION = 'v1'

/** Identity of a tile's bytes: safe as a Redis key, a blob name and a queue's deduplication id. */
export type TileKey = string

/** What all tiles of a layer drawn alike share. */
export interface TileSeries {
  readonly layer: Layer
  /** Raised to make every tile of the layer stale at once. */
  readonly generation: number
  /** The layer's edition as its asker knows it, no part of the key; 0 when absent. */
  readonly edition?: number
  readonly tileMatrixSetId: string
  readonly render: RenderParameters
  readonly format: TileRequest['format']
}

const hashes = new WeakMap<RenderParameters, string>()

/** 128 bits of SHA-256 over the canonical parameters, remembered for as long as the object lives. */
export function renderHash(render: RenderParameters): string {
  let hash = hashes.get(render)
  if (hash === undefined) {
    hash = createHash('sha256')
      .update(JSON.stringify(toCanonical(render)))
      .digest('hex')
      .slice(0, 32)
    hashes.set(render, hash)
  }
  return hash
}

/** Three ids of a file's layer and what follows them fit the 1,024 characters that the name of a blob may have. */
const LONGEST_ID = 256

/**
 * `search-<id>`, `item-<collection>.<id>` …; ids with other characters than these are escaped, and those that become too long so are hashed,
 * so that no two layers collide.
 */
export function layerKey(layer: Layer): string {
  return `${layer.kind}-${layerIds(layer).map(escapedId).join('.')}`
}

function escapedId(id: string): string {
  const escaped = id.replace(/[^A-Za-z0-9_-]/gu, (c) => `~${c.codePointAt(0)?.toString(16)}~`)
  // No escape begins with an x.
  return escaped.length <= LONGEST_ID ? escaped : `~x${createHash('sha256').update(id).digest('hex')}~`
}

function seriesKey(series: TileSeries): string {
  const { layer, generation, tileMatrixSetId, render, format } = series
  return `${KEY_VERSION}/${layerKey(layer)}/${generation}/${renderHash(render)}/${tileMatrixSetId}/${format}`
}

/**
 * The key of a tile, a pure function of the parsed request: parameter order in the URL does not matter, the order of `assets`
 * and `rescale` does. The layer and its generation stand first, so that a lifecycle rule can delete a prefix.
 */
export function tileKey(series: TileSeries, tile: Tile): TileKey {
  return `${seriesKey(series)}/${tile.z}/${tile.x}/${tile.y}`
}
