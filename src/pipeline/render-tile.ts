import type { LayeredCache } from '../cache/layered-cache.ts'
import { createStoredTile } from '../cache/stored-tile.ts'
import { TilepressError, toTilepressError } from '../errors.ts'
import { firstState } from '../freshness/layer-state.ts'
import { isOutdated } from '../freshness/tile-freshness.ts'
import { tileArea, tilePlace } from '../freshness/tile-place.ts'
import type { TileKey } from '../key/tile-key.ts'
import type { LayerGenerations } from '../queue/layer-generations.ts'
import { jobTiles, type RenderJob } from '../queue/render-job.ts'
import type { MakeWay } from '../queue/render-worker.ts'
import type { TileAnnouncer } from '../queue/tile-announcer.ts'
import type { AssetEditions } from '../read/asset-editions.ts'
import type { Reader } from '../read/reader.ts'
import type { RenderParameters } from '../request/tile-request.ts'
import type { FoundItems, Search, Truncation } from '../search/search.ts'
import type { Tile } from '../tile/tile.ts'
import type { TileMatrixSet } from '../tile/tile-matrix-set.ts'
import { tileMatrixSets } from '../tile/tile-matrix-sets.ts'
import { publishTile } from './publish-tile.ts'
import { renderImage, type StageTimings } from './render-image.ts'

/**
 * Tiles of a block are rendered in squares of so many a side, which share their reads: 4 × 4 tiles decode a third of the blocks that they
 * decode one by one, and hold some 10 MB.
 */
const SQUARE_SIDE = 4

/** Where live jobs may come at any moment: 16 tiles hold the event loop for 35 ms of work, these for 9. */
const SMALL_SQUARE_SIDE = 2

/** On a tile that is nowhere on Earth, as the corners of some sets are. */
const nothing: FoundItems = { items: [], truncated: null }

/** `present`: the cache had it. `failed`: for good, while other tiles of its job may be well. */
export type TileOutcome = 'image' | 'empty' | 'present' | 'failed'

/** How a job's tiles ended. */
export interface RenderedTiles {
  readonly counts: Readonly<Record<TileOutcome, number>>
  /** Errors that will not pass, of tiles that have others in their job. */
  readonly failures: readonly (Tile & { readonly error: TilepressError })[]
}

/** What the worker tells its owner about each tile, for a log line and metrics. */
export interface TileReport {
  readonly key: TileKey
  readonly outcome: TileOutcome
  readonly items: number
  readonly truncated: Truncation | null
  readonly bytes: number
  readonly timings: Partial<StageTimings> & { readonly searchMs?: number; readonly storeMs?: number }
  /** Why it failed; null unless the outcome is `failed`. */
  readonly error: TilepressError | null
}

interface JobTile {
  readonly tile: Tile
  readonly key: TileKey
}

export interface TileRendererParts {
  readonly cache: LayeredCache
  readonly search: Search
  readonly reader: Reader
  readonly announcer: TileAnnouncer
  /** Told of the files that are read for an edition; when absent none is ever replaced. */
  readonly assetEditions?: AssetEditions
  /** What makes tiles that the cache has outdated; when absent nothing does. */
  readonly generations?: Pick<LayerGenerations, 'state'>
  readonly report: (tile: TileReport, job: RenderJob) => void
}

/** The worker's half of the pipeline: search → read → mosaic → render → encode → cache → announce. It knows nothing of the queue. */
export class TileRenderer {
  readonly #parts: TileRendererParts

  constructor(parts: TileRendererParts) {
    this.#parts = parts
  }

  /**
   * Renders, stores and announces the job's tiles; resolves to how many ended how. An error that may pass ends the job: what was
   * done stays, the rest is tried again. One that will not pass fails its tile alone, and the job where that has no other.
   * `makeWay`: of a background job, called before each square. Tiles that clients wait for are left to their live jobs until the end.
   */
  async render(job: RenderJob, signal: AbortSignal, makeWay: MakeWay | null = null): Promise<RenderedTiles> {
    const tms = tileMatrixSet(job)
    const counts: Record<TileOutcome, number> = { image: 0, empty: 0, present: 0, failed: 0 }
    const failures: (Tile & { error: TilepressError })[] = []
    const isAlone = job.runId === null && job.columns * job.rows === 1
    const renderOne = async ({ tile, key }: JobTile, reader: Pick<Reader, 'read'>) => {
      const outcome = await this.#renderTile(job, tms, tile, key, reader, makeWay === null, signal).catch(
        (thrown: unknown) => {
          const error = toTilepressError(thrown)
          if (isAlone || error.retryable || signal.aborted) throw thrown
          failures.push({ ...tile, error })
          return this.#failTile(key, error, job)
        },
      )
      counts[outcome]++
    }
    const renderSquare = async (square: readonly JobTile[]) => {
      signal.throwIfAborted()
      if (square.length === 0) return
      const reader = square.length === 1 ? this.#parts.reader : this.#parts.reader.together(signal)
      // The others of the square are rendered to their end, whatever one meets: somebody may wait for them.
      const ends = await Promise.allSettled(square.map((each) => renderOne(each, reader)))
      const failed = ends.find((end) => end.status === 'rejected')
      if (failed) throw failed.reason
    }
    const left: JobTile[] = []
    const renderUnwanted = async (square: readonly JobTile[]) => {
      const wanted = await this.#parts.announcer.claim(square.map(({ key }) => key))
      await renderSquare(wanted.size === 0 ? square : square.filter(({ key }) => !wanted.has(key)))
      for (const each of square) if (wanted.has(each.key)) left.push(each)
    }
    for (const square of squaresOf(job, jobTiles(job), SQUARE_SIDE)) {
      if (!makeWay) await renderSquare(square)
      else if (await makeWay(signal)) await renderUnwanted(square)
      else {
        for (const [index, small] of [...squaresOf(job, square, SMALL_SQUARE_SIDE)].entries()) {
          if (index > 0) await makeWay(signal)
          await renderUnwanted(small)
        }
      }
    }
    await renderSquare(left)
    return { counts, failures }
  }

  /** Tells the waiters of the tiles that the job left undone that there will be none, and remembers it for seconds. */
  async fail(job: RenderJob, error: TilepressError): Promise<void> {
    const keys = jobTiles(job).map(({ key }) => key)
    const present = keys.length === 1 ? [] : await Promise.all(keys.map((key) => this.#parts.cache.getBelow(key, 1)))
    const undone = keys.filter((_, index) => !present[index])
    await this.#parts.announcer.announceFailure(undone, error)
  }

  async #renderTile(
    job: RenderJob,
    tms: TileMatrixSet,
    tile: Tile,
    key: TileKey,
    reader: Pick<Reader, 'read'>,
    isWanted: boolean,
    signal: AbortSignal,
  ): Promise<TileOutcome> {
    const { cache, search, report } = this.#parts
    const { layer, render, format } = job.series
    const placeOf = () => tilePlace(tms, tile, render)
    const state = (await this.#parts.generations?.state(layer, job.series.edition)) ?? firstState
    if (!job.force) {
      // The job may have waited while another rendered the tile, or run before and lost its lock.
      // The API has asked every tier for a tile that a client waits for; the nearest is enough then.
      const present = job.runId === null ? (await cache.getBelow(key, 1))?.tile : await cache.ensure(key)
      if (present && present.renderedAt !== job.replaces && !isOutdated(present, state, tile.z, placeOf)) {
        await this.#parts.announcer.announce(key, { kind: 'cached' })
        report({ key, outcome: 'present', items: 0, truncated: null, bytes: 0, timings: {}, error: null }, job)
        return 'present'
      }
    }
    // A tile is as old as what it shows: the one whose render began later is the newer one, however long each took.
    const renderedAt = Date.now()
    const started = performance.now()
    const place = placeOf()
    const area = tileArea(tms, tile, render)
    const found = place ? await search.itemsFor(layer, place, render.limits, signal, state.edition) : nothing
    const searchMs = performance.now() - started
    this.#seeAssets(found, render, state.edition)
    const grid = { crs: tms.crs, ...area }
    const timings: StageTimings = { readMs: 0, mosaicMs: 0, colourMs: 0, encodeMs: 0 }
    const { inspect } = this.#parts.reader
    const image = await renderImage({
      layer,
      items: found.items,
      grid,
      render,
      format,
      reader,
      inspect,
      signal,
      timings,
    })
    const stored = createStoredTile(image, found.truncated, renderedAt, state.edition)
    const storing = performance.now()
    await publishTile(this.#parts, key, stored, isWanted)
    const storeMs = performance.now() - storing
    const { items, truncated } = found
    const all = { ...timings, searchMs, storeMs }
    report(
      {
        key,
        outcome: stored.outcome,
        items: items.length,
        truncated,
        bytes: stored.body.length,
        timings: all,
        error: null,
      },
      job,
    )
    return stored.outcome
  }

  #seeAssets({ items }: FoundItems, { assets }: RenderParameters, edition: number): void {
    const { assetEditions } = this.#parts
    if (!assetEditions) return
    for (const item of items) {
      for (const { name } of assets) {
        const href = item.assets.get(name)
        if (href !== undefined) assetEditions.see(href, edition)
      }
    }
  }

  async #failTile(key: TileKey, error: TilepressError, job: RenderJob): Promise<'failed'> {
    await this.#parts.announcer.announceFailure([key], error)
    this.#parts.report({ key, outcome: 'failed', items: 0, truncated: null, bytes: 0, timings: {}, error }, job)
    return 'failed'
  }
}

/** Tiles of the job, row by row in squares. */
function squaresOf(job: RenderJob, tiles: readonly JobTile[], side: number): Iterable<readonly JobTile[]> {
  const square = (value: number) => Math.floor(value / side)
  return Map.groupBy(tiles, ({ tile }) => `${square(tile.y - job.y)} ${square(tile.x - job.x)}`).values()
}

function tileMatrixSet(job: RenderJob): TileMatrixSet {
  const tms = tileMatrixSets.get(job.series.tileMatrixSetId)
  if (!tms) throw new TilepressError('TILE_MATRIX_SET_NOT_FOUND', 'the job names an unknown tile matrix set')
  return tms
}
