import type { Context } from 'koa'
import type { Config } from '../../../src/config.ts'
import { TilepressError } from '../../../src/errors.ts'
import type { RenderQueue } from '../../../src/queue/render-queue.ts'

export interface ScalingParts {
  readonly config: Config
  readonly queue: RenderQueue
}

type Counts = Awaited<ReturnType<RenderQueue['counts']>>

/** GET /scaling/workers: how many workers are wanted, for a scaler. 503 while the queue does not answer: then nothing should change. */
export function createScalingHandler({ config, queue }: ScalingParts) {
  return async (ctx: Context): Promise<void> => {
    const counts = await queue.counts().catch((cause: unknown) => {
      throw new TilepressError('QUEUE_UNAVAILABLE', 'the render queue does not answer', { cause })
    })
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { replicas: wantedWorkers(counts, config), live: counts.live, background: counts.background }
  }
}

/**
 * Workers that the renders under way take, so that none is taken away in the middle of one, and those that work off what waits: a worker
 * for each SCALE_WAITING_PER_WORKER waiting live jobs. A background queue that waits asks for one more than there are, step by step.
 */
export function wantedWorkers(
  { live, background }: Counts,
  config: Pick<Config, 'WORKER_CONCURRENCY' | 'BACKGROUND_CONCURRENCY' | 'SCALE_WAITING_PER_WORKER'>,
): number {
  const busy = Math.max(
    (live.active ?? 0) / config.WORKER_CONCURRENCY,
    (background.active ?? 0) / config.BACKGROUND_CONCURRENCY,
  )
  const waiting = (live.wait ?? 0) / config.SCALE_WAITING_PER_WORKER
  const more = (background.wait ?? 0) > 0 ? 1 : 0
  return Math.round((busy + waiting + more) * 100) / 100
}
