import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startIdentity } from '../../apps/stack/services/identity.ts'

export interface LoginIdentity {
  /** IDENTITY_ENDPOINT and IDENTITY_HEADER. */
  readonly endpoint: string
  readonly header: string
  /** Tokens for PostgreSQL and Redis handed out so far. */
  readonly issued: ReadonlySet<string>
  /** True while a token is neither over nor unknown. */
  isGood(token: string): boolean
  close(): Promise<void>
}

/**
 * A managed-identity endpoint whose tokens for PostgreSQL and Redis are short-lived passwords, each with a user of its own (`oid`), and
 * short enough for RADIUS (128 bytes, RFC 2865 §5.2); for storage it gives what the emulator takes. `onLogin` and `onEnd` make the servers
 * know a token before anybody has it, and forget it when it is over.
 */
export async function startLoginIdentity(options: {
  readonly lifeSeconds: number
  readonly onLogin: (user: string, token: string) => Promise<void>
  readonly onEnd: (user: string) => Promise<void>
}): Promise<LoginIdentity> {
  const storage = await startIdentity()
  const issued = new Set<string>()
  const ends = new Map<string, number>()
  const timers = new Set<NodeJS.Timeout>()
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const resource = url.searchParams.get('resource') ?? ''
    const json = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (resource.includes('storage')) {
      const headers = { 'x-identity-header': String(request.headers['x-identity-header']) }
      const answer = await fetch(`${storage.endpoint}${url.search}`, { headers })
      return json(answer.status, (await answer.json()) as object)
    }
    if (request.headers['x-identity-header'] !== storage.header) return json(401, { statusCode: 401, message: 'no' })
    const user = `user-${issued.size + 1}-${randomBytes(6).toString('hex')}`
    const token = `e30.${Buffer.from(JSON.stringify({ oid: user })).toString('base64url')}.`
    try {
      await options.onLogin(user, token)
    } catch {
      return json(500, { statusCode: 500, message: 'the servers do not know the user' })
    }
    issued.add(token)
    ends.set(token, Date.now() + options.lifeSeconds * 1_000)
    const timer = setTimeout(() => {
      timers.delete(timer)
      options.onEnd(user).catch(() => undefined)
    }, options.lifeSeconds * 1_000)
    timers.add(timer)
    // Whole seconds, rounded down: the receiver may think it over a moment early.
    const expires = String(Math.floor(Date.now() / 1_000) + options.lifeSeconds)
    json(200, { access_token: token, expires_on: expires, resource, token_type: 'Bearer' })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`,
    header: storage.header,
    issued,
    isGood: (token) => (ends.get(token) ?? 0) > Date.now(),
    close: async () => {
      for (const timer of timers) clearTimeout(timer)
      server.closeAllConnections()
      await Promise.all([storage.stop(), new Promise((resolve) => server.close(resolve))])
    },
  }
}
