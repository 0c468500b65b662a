import { createServer } from 'node:http'
import { Redis } from 'ioredis'
import Koa from 'koa'

/**
 * The least a Koa server can do: one handler that answers every tile with the bytes and headers given, or with the bytes under the path's
 * key in Redis. What is left between it and the API is the API's own.
 *
 * Environment: PORT; ANSWER, the JSON of {headers, body (base64)}; REDIS_URL, empty for none; KEYS, JSON of path to key.
 */
const { PORT = '0', ANSWER = '', REDIS_URL = '', KEYS = '{}' } = process.env
const { headers, body } = JSON.parse(ANSWER) as { headers: Record<string, string>; body: string }
const bytes = Buffer.from(body, 'base64')
const keys = new Map(Object.entries(JSON.parse(KEYS) as Record<string, string>))
const redis = REDIS_URL === '' ? null : new Redis(REDIS_URL)

const app = new Koa()
app.use(async (ctx) => {
  if (ctx.path === '/livez') {
    ctx.body = 'alive'
    return
  }
  for (const [name, value] of Object.entries(headers)) ctx.res.setHeader(name, value)
  ctx.body = redis === null ? bytes : await redis.getBuffer(keys.get(ctx.path) ?? '')
})
createServer(app.callback()).listen(Number(PORT), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))
