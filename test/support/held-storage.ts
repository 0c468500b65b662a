import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A server that has the same file under every name, or what `fileOf` gives for one, and answers when the test lets it: what makes a render
 * last as long as a test needs. GDAL keeps what it has read, so a test takes a name of its own.
 */
export interface HeldStorage {
  /** For ASSET_PREFIXES. */
  readonly prefix: string
  href(name: string): string
  /** Requests that wait. */
  readonly held: number
  /** From now on requests wait. */
  hold(): void
  /** Answers those that wait, and later ones at once. */
  release(): void
  close(): Promise<void>
}

/** @param file by its name without the extension; a status where it is refused */
export async function startHeldStorage(file: Buffer | ((name: string) => Buffer | number)): Promise<HeldStorage> {
  const fileOf = typeof file === 'function' ? file : () => file
  let holding = false
  let waiting: (() => void)[] = []
  const server = createServer((request, response) => {
    const answer = () => {
      const found = fileOf((request.url ?? '').replace(/^\/|\.tif(\?.*)?$/g, ''))
      if (typeof found === 'number') response.writeHead(found).end()
      else sendRange(response, request.method ?? 'GET', request.headers.range, found)
    }
    if (holding) waiting.push(answer)
    else answer()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const prefix = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return {
    prefix,
    href: (name) => `${prefix}${name}.tif`,
    get held() {
      return waiting.length
    },
    hold() {
      holding = true
    },
    release() {
      holding = false
      const answers = waiting
      waiting = []
      for (const answer of answers) answer()
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function sendRange(response: ServerResponse, method: string, range: string | undefined, file: Buffer): void {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []
  const from = Number(first ?? 0)
  const part = file.subarray(from, last === undefined ? file.length : Number(last) + 1)
  response.writeHead(first === undefined ? 200 : 206, {
    'content-type': 'image/tiff',
    'content-length': part.length,
    'accept-ranges': 'bytes',
    ...(first === undefined ? {} : { 'content-range': `bytes ${from}-${from + part.length - 1}/${file.length}` }),
  })
  response.end(method === 'HEAD' ? undefined : part)
}
