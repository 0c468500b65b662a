import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { startIdentity } from '../../apps/stack/services/identity.ts'

export type IdentityTrouble = 'down' | 'slow' | 'error' | 'garbage' | 'expired'

export interface FaultyIdentity {
  /** IDENTITY_ENDPOINT and IDENTITY_HEADER. */
  readonly endpoint: string
  readonly header: string
  /** Null: it answers as it should. */
  trouble: IdentityTrouble | null
  tokensIssued(): number
  close(): Promise<void>
}

const SLOW_MS = 5_000

/** A managed-identity endpoint with trouble as the test wants it. `onToken` is told of each good token. */
export async function startFaultyIdentity(
  tokenLifeSeconds: number,
  onToken: (token: string) => void,
): Promise<FaultyIdentity> {
  const inner = await startIdentity({ tokenLifeSeconds, onToken })
  const identity: FaultyIdentity = {
    endpoint: '',
    header: inner.header,
    trouble: null,
    tokensIssued: inner.tokensIssued,
    close: async () => {
      server.closeAllConnections()
      await Promise.all([inner.stop(), new Promise((resolve) => server.close(resolve))])
    },
  }
  const server = createServer(async (request, response) => {
    const { trouble } = identity
    if (trouble === 'down') return void request.socket.destroy()
    if (trouble === 'error') return json(response, 500, { statusCode: 500, message: 'an inner fault' })
    if (trouble === 'garbage') return void response.writeHead(200).end('<html>welcome</html>')
    if (trouble === 'slow') await sleep(SLOW_MS, undefined, { ref: false })
    const query = new URL(request.url ?? '/', 'http://localhost').search
    const answer = await fetch(`${inner.endpoint}${query}`, { headers: { 'x-identity-header': inner.header } })
    const body = (await answer.json()) as object
    json(response, answer.status, trouble === 'expired' ? { ...body, expires_on: '1000000000' } : body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(identity, { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token` })
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
