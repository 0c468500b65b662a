import { readFile } from 'node:fs/promises'
import { Agent, createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'

/** `throttling`: 503 ServerBusy as Azure answers above an account's limits. `slow`: every answer after `SLOW_MS`. `down`: connections are cut. */
export type BlobTrouble = 'throttling' | 'slow' | 'down'

/** Longer than any patience of a tier in tests. */
export const SLOW_MS = 8_000

export interface TroubledBlob {
  /** The address of whatever `url` names, by way of this server. */
  via(url: string): string
  /** Null: it answers as the server behind it. */
  trouble: BlobTrouble | null
  /** Requests that came while there was trouble. */
  readonly troubled: number
  close(): Promise<void>
}

/** Stands before a Blob server and gets into trouble as a test wants it. @param behind https://127.0.0.1:port */
export async function startTroubledBlob(behind: string, certificateFolder: string): Promise<TroubledBlob> {
  const read = (name: string) => readFile(`${certificateFolder}/${name}`)
  const [cert, key] = await Promise.all([read('cert.pem'), read('key.pem')])
  const agent = new Agent({ keepAlive: true, ca: cert })
  const timers = new Set<NodeJS.Timeout>()
  let troubled = 0
  const server = createServer({ cert, key }, (incoming, answer) => {
    const forward = () => {
      const { port } = new URL(behind)
      const { method, url, headers } = incoming
      const asked = request({ agent, host: '127.0.0.1', port, method, path: url, headers }, (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers)
        response.pipe(answer)
      })
      asked.on('error', () => answer.destroy())
      incoming.pipe(asked)
    }
    if (blob.trouble !== null) troubled++
    switch (blob.trouble) {
      case 'down':
        return void incoming.socket.destroy()
      case 'throttling':
        incoming.resume()
        return void answer.writeHead(503, { 'x-ms-error-code': 'ServerBusy', 'content-length': 0 }).end()
      case 'slow': {
        const timer = setTimeout(() => timers.delete(timer) && !answer.destroyed && forward(), SLOW_MS)
        return void timers.add(timer)
      }
      default:
        return forward()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const blob: TroubledBlob = {
    via: (url) => url.replace(/^https:\/\/[^/]+/, `https://127.0.0.1:${port}`),
    trouble: null,
    get troubled() {
      return troubled
    },
    close: async () => {
      for (const timer of timers) clearTimeout(timer)
      agent.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return blob
}
