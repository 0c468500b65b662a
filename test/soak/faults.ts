import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultedSystem } from '../support/faulted-system.ts'

/** What goes wrong for a while; resolves when it is over. */
export interface SoakFault {
  readonly name: string
  readonly happen: (faulted: FaultedSystem, ms: number) => Promise<void>
}

/**
 * The first API process and the first worker live through the whole soak, so that their memory and sockets can be watched; what ends a
 * program ends the others.
 */
export const soakFaults: readonly SoakFault[] = [
  {
    name: 'a worker killed',
    happen: async (faulted) => {
      await faulted.kill(faulted.workers[1]!)
      await faulted.startWorker()
    },
  },
  {
    name: 'the queue’s Redis killed',
    happen: async ({ queueRedis }) => {
      await queueRedis.kill()
      await queueRedis.start()
    },
  },
  {
    name: 'the cache’s Redis away',
    happen: async ({ cacheRedis }, ms) => {
      await cacheRedis.stop()
      await sleep(ms)
      await cacheRedis.start()
    },
  },
  {
    name: 'a worker parted from the queue',
    happen: async ({ linkOf, workers }, ms) => {
      const link = linkOf(workers[0]!)
      link.stall()
      await sleep(2 * ms)
      link.mend()
    },
  },
  {
    name: 'PostgreSQL away',
    happen: async ({ postgres }, ms) => {
      await postgres.stop()
      await sleep(ms)
      await postgres.start()
    },
  },
  {
    name: 'an API process killed',
    happen: async (faulted) => {
      await faulted.kill(faulted.apis[1]!)
      await faulted.startApi()
    },
  },
  { name: 'Blob throttling', happen: ({ blob }, ms) => inTrouble(blob, 'throttling', ms) },
  {
    name: 'the queue’s Redis hanging',
    happen: async ({ queueRedis }, ms) => {
      process.kill(queueRedis.pid, 'SIGSTOP')
      await sleep(ms)
      process.kill(queueRedis.pid, 'SIGCONT')
    },
  },
  { name: 'Blob slow', happen: ({ blob }, ms) => inTrouble(blob, 'slow', ms) },
  {
    name: 'a worker frozen',
    happen: async ({ workers }, ms) => {
      const { pid } = workers[1]!
      process.kill(pid, 'SIGSTOP')
      await sleep(2 * ms)
      process.kill(pid, 'SIGCONT')
    },
  },
  {
    name: 'the cache’s Redis flushed',
    happen: async (faulted) => {
      const redis = await faulted.redis('cache')
      await redis.flushall().finally(() => redis.disconnect())
    },
  },
  {
    name: 'files damaged',
    happen: async ({ imagery, missAnew }, ms) => {
      const edition = missAnew()
      imagery.spoil(edition, 'damaged')
      await sleep(ms)
      imagery.heal(edition)
    },
  },
  {
    name: 'connections forgotten by a firewall',
    happen: async ({ apis, linkOf }, ms) => {
      const link = linkOf(apis[0]!)
      link.swallow()
      await sleep(2 * ms)
      link.mend()
    },
  },
  { name: 'Blob down', happen: ({ blob }, ms) => inTrouble(blob, 'down', ms) },
]

async function inTrouble(blob: FaultedSystem['blob'], trouble: FaultedSystem['blob']['trouble'], ms: number) {
  blob.trouble = trouble
  await sleep(ms)
  blob.trouble = null
}
