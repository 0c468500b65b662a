import { randomBytes, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export interface IdentityOptions {
  readonly port?: number
  /** A name other machines know this one by, when they are to reach it; else it listens on 127.0.0.1. */
  readonly host?: string
  /** IDENTITY_HEADER; random when absent. */
  readonly header?: string
  /** How long a token lives; Azure's live about a day. The SDK never keeps one with less than 300 s left. */
  readonly tokenLifeSeconds?: number
  /** Told of each token before it is handed out. */
  readonly onToken?: (token: string) => void
  /** A user-assigned identity: asked for by this client_id and no other. A system-assigned one when absent. */
  readonly clientId?: string
}

export interface IdentityEndpoint {
  /** IDENTITY_ENDPOINT */
  readonly endpoint: string
  /** IDENTITY_HEADER: the secret a request must carry. */
  readonly header: string
  /** Tokens handed out so far. */
  tokensIssued(): number
  stop(): Promise<void>
}

const apiVersion = '2019-08-01'

/**
 * A loopback endpoint that speaks the App Service managed-identity protocol (Container Apps speak the same) and issues tokens with the
 * claims the Blob emulator checks. Unsigned: they are worth nothing outside this machine.
 */
export async function startIdentity(options: IdentityOptions = {}): Promise<IdentityEndpoint> {
  const header = options.header ?? randomBytes(24).toString('hex')
  const principal = { oid: randomUUID(), tid: randomUUID(), clientId: options.clientId ?? randomUUID() }
  const lifeSeconds = options.tokenLifeSeconds ?? 24 * 3600
  let issued = 0

  const server = createServer((request, response) => {
    const refusal = refuse(request, header, options.clientId)
    if (refusal)
      return answer(response, refusal.status, {
        statusCode: refusal.status,
        message: refusal.message,
        correlationId: randomUUID(),
      })
    issued += 1
    const resource = new URL(request.url ?? '/', 'http://localhost').searchParams.get('resource') as string
    const expires = Math.floor(Date.now() / 1000) + lifeSeconds
    const token = makeToken(resource, expires, principal)
    options.onToken?.(token)
    answer(response, 200, {
      access_token: token,
      expires_on: String(expires),
      resource,
      token_type: 'Bearer',
      client_id: principal.clientId,
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new Error(`The identity endpoint could not listen: ${cause.message}.`, { cause })),
    )
    server.listen(options.port ?? 0, options.host === undefined ? '127.0.0.1' : '0.0.0.0', resolve)
  })
  const address = server.address()
  const port = address !== null && typeof address !== 'string' ? address.port : 0
  return {
    endpoint: `http://${options.host ?? '127.0.0.1'}:${port}/msi/token`,
    header,
    tokensIssued: () => issued,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function refuse(request: IncomingMessage, header: string, clientId: string | undefined) {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname !== '/msi/token') return { status: 404, message: 'The only path is /msi/token.' }
  if (request.headers['x-identity-header'] !== header)
    return { status: 401, message: 'X-IDENTITY-HEADER is wrong or missing.' }
  if (url.searchParams.get('api-version') !== apiVersion)
    return { status: 400, message: `api-version must be ${apiVersion}.` }
  if (!url.searchParams.get('resource')) return { status: 400, message: 'resource is missing.' }
  const asked = url.searchParams.get('client_id') ?? undefined
  if (asked !== clientId) return { status: 400, message: 'No managed identity found for the given client_id.' }
  return undefined
}

interface Principal {
  readonly oid: string
  readonly tid: string
}

function makeToken(audience: string, expires: number, principal: Principal): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  // Valid from a minute ago: clocks of two processes need not agree to the second.
  const from = Math.floor(Date.now() / 1000) - 60
  const claims = {
    aud: audience,
    iss: `https://sts.windows.net/${principal.tid}/`,
    iat: from,
    nbf: from,
    exp: expires,
    oid: principal.oid,
    sub: principal.oid,
    tid: principal.tid,
    // Makes every token another string, as real ones are.
    uti: randomBytes(12).toString('base64url'),
  }
  return `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.${randomBytes(32).toString('base64url')}`
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
