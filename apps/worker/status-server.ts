import { createServer, type Server } from 'node:http'
import type { Logger } from '../../src/log.ts'

/** A worker's small page: GET /livez (the process answers), GET /healthz (its parts), GET /metrics. */
export function startStatusServer(options: {
  readonly port: number
  readonly health: () => Promise<Record<string, unknown>>
  readonly metrics: () => Promise<string>
  readonly contentType: string
  readonly log: Logger
}): Promise<Server> {
  const { health, metrics, contentType, log } = options
  const server = createServer((request, response) => {
    const answer = async (): Promise<[type: string, body: string] | null> => {
      if (request.url === '/livez') return ['application/json', '{"status":"alive"}']
      if (request.url === '/healthz') return ['application/json', JSON.stringify(await health())]
      if (request.url === '/metrics') return [contentType, await metrics()]
      return null
    }
    answer().then(
      (page) => {
        response.writeHead(page ? 200 : 404, { 'Content-Type': page?.[0] ?? 'text/plain', 'Cache-Control': 'no-store' })
        response.end(page?.[1] ?? 'not found\n')
      },
      (error: unknown) => {
        log.warn({ err: String(error) }, 'the status page failed')
        response.writeHead(500).end()
      },
    )
  })
  const { promise, resolve, reject } = Promise.withResolvers<Server>()
  server.once('error', reject)
  server.listen(options.port, () => resolve(server))
  return promise
}
