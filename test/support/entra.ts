import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** One request for a token, as it came. */
export interface TokenRequest {
  readonly method: string
  readonly path: string
  readonly parameters: Readonly<Record<string, string>>
  readonly metadata: string | undefined
}

export interface SignInServer {
  /** AZURE_AUTHORITY_HOST, or AZURE_POD_IDENTITY_AUTHORITY_HOST. */
  readonly url: string
  /** Requests for a token. */
  readonly requests: readonly TokenRequest[]
  close(): Promise<void>
}

/**
 * Entra ID's own protocol (OAuth 2.0 client credentials, v2 endpoint) over TLS: OpenID configuration, then a token for whoever asks with
 * the parameters of `expects`.
 */
export async function startEntra(
  certificateFolder: string,
  objectId: string,
  expects: Readonly<Record<string, string>>,
): Promise<SignInServer> {
  const requests: TokenRequest[] = []
  const read = (name: string) => readFile(`${certificateFolder}/${name}`)
  const listener: RequestListener = async (request, response) => {
    const url = new URL(request.url ?? '/', origin)
    const tenant = url.pathname.split('/')[1] ?? ''
    const json = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (url.pathname.endsWith('/v2.0/.well-known/openid-configuration')) {
      return json(200, {
        token_endpoint: `${origin}/${tenant}/oauth2/v2.0/token`,
        authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/authorize`,
        end_session_endpoint: `${origin}/${tenant}/oauth2/v2.0/logout`,
        issuer: `${origin}/${tenant}/v2.0`,
        jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys`,
      })
    }
    if (!url.pathname.endsWith('/oauth2/v2.0/token')) return json(404, { error: 'not_found' })
    const parameters = Object.fromEntries(new URLSearchParams(await text(request)))
    requests.push({ method: request.method ?? '', path: url.pathname, parameters, metadata: undefined })
    if (Object.entries(expects).some(([name, value]) => parameters[name] !== value))
      return json(401, { error: 'invalid_client', error_description: 'AADSTS7000215' })
    const audience = (parameters.scope ?? '').split(' ')[0]?.replace(/\/\.default$/, '') ?? ''
    const application = parameters.client_id ?? ''
    json(200, { ...answer(audience, tenant, objectId, application), expires_in: 3_599, ext_expires_in: 3_599 })
  }
  const server = createTlsServer({ cert: await read('cert.pem'), key: await read('key.pem') }, listener)
  const { url: origin, close } = await listen(server, 'https')
  return { url: origin, requests, close }
}

/** A virtual machine's metadata service (IMDS), on a host of its own. */
export async function startMetadataService(objectId: string): Promise<SignInServer> {
  const requests: TokenRequest[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const parameters = Object.fromEntries(url.searchParams)
    const metadata = request.headers.metadata === undefined ? undefined : String(request.headers.metadata)
    const json = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    requests.push({ method: request.method ?? '', path: url.pathname, parameters, metadata })
    if (metadata !== 'true' || parameters['api-version'] === undefined) return json(400, { error: 'invalid_request' })
    const { client_id = randomUUID(), resource = '' } = parameters
    const expires = Math.floor(Date.now() / 1_000) + 86_400
    json(200, { ...answer(resource, randomUUID(), objectId, client_id), expires_on: String(expires), resource })
  })
  return { requests, ...(await listen(server, 'http')) }
}

/** An unsigned token, and the kind of it. */
export function answer(audience: string, tenant: string, objectId: string, application: string) {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const now = Math.floor(Date.now() / 1_000)
  const claims = { aud: audience, tid: tenant, oid: objectId, appid: application, iat: now, nbf: now, exp: now + 3_600 }
  return { token_type: 'Bearer', access_token: `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.eA` }
}

async function listen(server: Server | ReturnType<typeof createTlsServer>, scheme: 'http' | 'https') {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
