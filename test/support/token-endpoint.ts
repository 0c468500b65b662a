import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The Planetary Computer's token endpoint, over its protocol: `GET /{account}/{container}` with an optional subscription key. */
export interface TokenEndpoint {
  /** For PC_SDK_SAS_URL. */
  readonly url: string
  /** `account/container` of each answered request. */
  readonly asked: readonly string[]
  /** The subscription key of the last request. */
  subscriptionKey: string | undefined
  /** Status of its answers; 0 = it cuts the connection. */
  status: number
  /** True for the `sig` of a signature that is neither over nor revoked. */
  isGood(signature: string): boolean
  /** From now on no signature given out so far is good. */
  revoke(): void
  close(): Promise<void>
}

export async function startTokenEndpoint(lifeMs: number): Promise<TokenEndpoint> {
  const asked: string[] = []
  const ends = new Map<string, number>()
  const server = createServer((request, response) => {
    const [, account = '', container = ''] = (request.url ?? '').split('/')
    const key = request.headers['ocp-apim-subscription-key']
    endpoint.subscriptionKey = Array.isArray(key) ? key[0] : key
    if (endpoint.status === 0) return void request.socket.destroy()
    if (endpoint.status !== 200) return void response.writeHead(endpoint.status).end('{"message":"no"}')
    asked.push(`${account}/${container}`)
    const end = Date.now() + lifeMs
    const signature = `${account}+${asked.length}=`
    ends.set(signature, end)
    const expiry = new Date(end).toISOString()
    const sas = `st=2024-01-01T00%3A00%3A00Z&se=${encodeURIComponent(expiry)}&sp=rl&sv=2021-06-08&sr=c&sig=${encodeURIComponent(signature)}`
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ 'msft:expiry': expiry, token: sas }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint: TokenEndpoint = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    subscriptionKey: undefined,
    status: 200,
    isGood: (signature) => (ends.get(signature) ?? 0) > Date.now(),
    revoke: () => ends.clear(),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return endpoint
}
