import type { LayeredCache } from '../cache/layered-cache.ts'
import { deserializeTile } from '../cache/stored-tile.ts'
import type { StoredTile } from '../cache/tile-cache.ts'
import { TilepressError } from '../errors.ts'
import type { TileKey } from '../key/tile-key.ts'
import { isQueryJob, type QueuedJob } from '../queue/render-job.ts'
import type { RenderQueue } from '../queue/render-queue.ts'
import type { TileWaiter, Wait } from '../queue/tile-waiter.ts'

/**
 * First of the slow looks into the cache while waiting, for news that got lost; each next one after twice the time, and all by up to
 * a half longer at random, so that the waiters of many replicas don't look together.
 */
const FIRST_LOOK_MS = 500

export interface AwaitParts {
  readonly queue: RenderQueue
  readonly waiter: TileWaiter
}

/** Until when a render is waited for, by performance.now(); it may come nearer. */
export interface Patience {
  until: number
}

/**
 * The wait for a tile that no cache has: register – enqueue – look again – wait. `signal`: nobody waits any more; a job that has not begun
 * is then taken out of the queue. Throws QUEUE_FULL, QUEUE_UNAVAILABLE, RENDER_TIMEOUT, and whatever the render failed with.
 */
export async function awaitRender(
  { queue, waiter }: AwaitParts,
  key: TileKey,
  job: QueuedJob,
  cache: LayeredCache,
  patience: Patience,
  signal: AbortSignal,
): Promise<StoredTile> {
  queue.requireRoom()
  const wait = waiter.open(key, job)
  try {
    return await firstTile(wait, queue, key, job, cache, patience, signal)
  } finally {
    wait.close(signal.aborted)
  }
}

async function firstTile(
  wait: Wait,
  queue: RenderQueue,
  key: TileKey,
  job: QueuedJob,
  cache: LayeredCache,
  patience: Patience,
  signal: AbortSignal,
): Promise<StoredTile> {
  const replaces = isQueryJob(job) ? undefined : job.replaces
  /** The tile that is to be made anew is none. */
  const other = (tile: StoredTile | undefined) => (tile && tile.renderedAt !== replaces ? tile : null)
  let lookMs = FIRST_LOOK_MS
  // The monotonic clock: a machine whose time is set right must not end all waits, or draw them out.
  for (let left = patience.until - performance.now(); left > 0; left = patience.until - performance.now()) {
    signal.throwIfAborted()
    const isUnderWay = await wait.register()
    // The nearest tier is enough for a look: it is where the worker writes first.
    const look = async () => other((await cache.getBelow(key, 1))?.tile)
    const late = lookMs > FIRST_LOOK_MS
    const found = late ? await look() : null
    if (found) return found
    // Adding again costs nothing while the job lives, and replaces one that got lost. A new job looks into the cache itself, but
    // one that was there may have announced its tile before we were on the list. None is needed where a background job is at it.
    const isNew = (isUnderWay && !late) || (await queue.enqueueLive(job, late))
    const present = isNew || late ? null : await look()
    if (present) return present
    const news = await wait.next(Math.min(left, lookMs * (1 + Math.random() / 2)), signal)
    lookMs *= 2
    if (news?.kind === 'failed') throw news.error
    const tile = news?.kind === 'bytes' ? deserializeTile(news.bytes) : news && other((await cache.getBelow(key))?.tile)
    if (!tile) continue
    if (news?.kind === 'bytes') cache.keep(key, tile)
    return tile
  }
  throw new TilepressError('RENDER_TIMEOUT', 'this is still being rendered; ask again in a moment')
}
