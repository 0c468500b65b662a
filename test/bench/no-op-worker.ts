import { createServer } from 'node:http'
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'

/** A BullMQ worker that does nothing but say so on the channel `done`: the floor of anything that goes through the queue. Environment: PORT, REDIS_URL. */
const { PORT = '0', REDIS_URL = '' } = process.env
const redis = new Redis(REDIS_URL, { maxRetriesPerRequest: null })
const worker = new Worker('no-op', async (job) => void (await redis.publish('done', job.id ?? '')), {
  connection: redis,
  prefix: '{bench}',
})
await worker.waitUntilReady()
createServer((_, response) => response.end()).listen(Number(PORT), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))
