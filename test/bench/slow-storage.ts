import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Certificate } from '../../apps/stack/services/certificate.ts'

/** What a storage was asked for. */
export interface Traffic {
  heads: number
  gets: number
  /** Of bodies. */
  bytes: number
}

export interface SlowStorage {
  /** https://127.0.0.1:port, with the folder's files under any path that ends in their names. */
  readonly url: string
  /** What was asked since the last call. */
  takeTraffic(): Traffic
  close(): Promise<void>
}

/** Serves a folder's files by ranges, as a Blob endpoint at some distance does: each answer begins `latencyMs` after its request. */
export async function startSlowStorage(
  folder: string,
  latencyMs: number,
  certificate: Certificate,
): Promise<SlowStorage> {
  const tls = { cert: await readFile(certificate.certFile), key: await readFile(certificate.keyFile) }
  let traffic: Traffic = { heads: 0, gets: 0, bytes: 0 }
  const server = createServer(tls, async (request, response) => {
    await sleep(latencyMs)
    const sent = await sendRange(join(folder, basename(request.url?.split('?')[0] ?? '')), request, response)
    if (request.method === 'HEAD') traffic.heads++
    else traffic.gets++
    traffic.bytes += sent
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    takeTraffic: () => {
      const taken = traffic
      traffic = { heads: 0, gets: 0, bytes: 0 }
      return taken
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Bytes of the body. */
async function sendRange(file: string, request: IncomingMessage, response: ServerResponse): Promise<number> {
  const size = await stat(file).then(
    (found) => (found.isFile() ? found.size : null),
    () => null,
  )
  if (size === null) {
    response.writeHead(404, { 'content-length': 0 }).end()
    return 0
  }
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  const from = Number(first ?? 0)
  const to = Math.min(last ? Number(last) : size - 1, size - 1)
  response.writeHead(first === undefined ? 200 : 206, {
    'content-type': 'image/tiff',
    'content-length': to - from + 1,
    'accept-ranges': 'bytes',
    ...(first !== undefined && { 'content-range': `bytes ${from}-${to}/${size}` }),
  })
  if (request.method === 'HEAD') {
    response.end()
    return 0
  }
  createReadStream(file, { start: from, end: to }).pipe(response)
  return to - from + 1
}
