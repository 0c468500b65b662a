import { Queue } from 'bullmq'
import { type TileSeries, tileKey } from '../../src/key/tile-key.ts'
import { connectRedis, type Redis, whenReady } from '../../src/queue/connection.ts'
import { isQueryJob, jobOfTile, type QueuedJob, type RenderJob } from '../../src/queue/render-job.ts'
import { RenderQueue, type RenderQueueOptions } from '../../src/queue/render-queue.ts'
import { RenderWorker, type RenderWorkerOptions } from '../../src/queue/render-worker.ts'
import { TileWaiter } from '../../src/queue/tile-waiter.ts'
import { renderParameters } from './render-parameters.ts'
import { services, uniqueName } from './services.ts'

const undone: (() => Promise<unknown>)[] = []

/** For afterEach: ends all that startQueues started. */
export async function endQueues(): Promise<void> {
  for (const undo of undone.splice(0).reverse()) await undo()
}

export interface QueueSystem {
  readonly redis: Redis
  readonly prefix: string
  readonly queue: RenderQueue
  /** BullMQ's own view of the queues. */
  readonly live: Queue
  readonly background: Queue
  /** A further API process's queue. */
  another(options?: Partial<RenderQueueOptions>): RenderQueue
  /** A further API process's waiter, on a connection of its own. */
  startWaiter(onDropped?: () => void): Promise<TileWaiter>
  startWorker(render: RenderWorkerOptions['render'], options?: Partial<RenderWorkerOptions>): RenderWorker
}

/** The queues in the test's Redis, under a prefix of their own, and no worker yet. */
export async function startQueues(options: Partial<RenderQueueOptions> = {}): Promise<QueueSystem> {
  const prefix = `{${uniqueName()}}`
  const redis = connectRedis(services().queueRedisUrl, 'worker', { onError: () => undefined })
  undone.push(async () => redis.disconnect())
  await whenReady(redis, 5_000)
  const another = (own: Partial<RenderQueueOptions> = {}) => {
    const queue = new RenderQueue({
      redis,
      prefix,
      attempts: 2,
      liveBacklogLimit: 1_000,
      deadlineMs: 10_000,
      ...options,
      ...own,
    })
    undone.push(() => queue.close())
    return queue
  }
  const view = (name: string) => {
    const queue = new Queue(name, { connection: redis, prefix, skipMetasUpdate: true })
    undone.push(() => queue.close())
    return queue
  }
  return {
    redis,
    prefix,
    queue: another(),
    live: view('live'),
    background: view('background'),
    another,
    async startWaiter(onDropped = () => undefined) {
      const subscriber = connectRedis(services().queueRedisUrl, 'subscriber', { onError: () => undefined })
      undone.push(async () => subscriber.disconnect())
      await whenReady(subscriber, 5_000)
      return new TileWaiter({ subscriber, redis, prefix, registrationMs: 60_000, onDropped })
    },
    startWorker(render, own = {}) {
      const worker = new RenderWorker({
        redis,
        prefix,
        concurrency: 1,
        backgroundConcurrency: 1,
        timeoutMs: 10_000,
        lockMs: 10_000,
        render,
        fail: async () => undefined,
        onError: () => undefined,
        onTaken: () => undefined,
        onAttemptFailed: () => undefined,
        ...own,
      })
      undone.push(() => worker.close(0))
      return worker
    },
  }
}

const series: TileSeries = {
  layer: { kind: 'search', id: 'a'.repeat(32) },
  generation: 0,
  tileMatrixSetId: 'WebMercatorQuad',
  render: renderParameters(),
  format: 'png',
}

/** A waiting client's tile in column `x` of zoom 16, with its block of side × side tiles. */
export const tileJob = (x: number, side = 1): RenderJob => jobOfTile(series, { z: 16, x, y: 0 }, side)

/** The key of the tile in column `x` of zoom 16. */
export const keyOf = (x: number): string => tileKey(series, { z: 16, x, y: 0 })

/** The column of its tile. */
export const columnOf = (job: QueuedJob): number => (isQueryJob(job) ? Number.NaN : job.x)
