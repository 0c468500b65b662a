import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** What goes wrong with a request, null for nothing. `code` is Azure's. */
export type Fault =
  | { readonly kind: 'refuse'; readonly status: number; readonly code: string; readonly retryAfterSeconds?: number }
  /** Is heard only then. */
  | { readonly kind: 'late'; readonly until: Promise<void> }
  /** Never answers. */
  | { readonly kind: 'stall' }
  /** The connection is cut before the answer. */
  | { readonly kind: 'reset' }
  /** The connection is cut in the middle of the body. */
  | { readonly kind: 'truncate' }

export interface StrictStorage {
  /** https://127.0.0.1:port/account: for AZURE_STORAGE_ACCOUNTS. */
  readonly endpoint: string
  /** Requests answered so far, by method. */
  readonly counts: Readonly<Record<'GET' | 'HEAD' | 'PUT', number>>
  close(): Promise<void>
}

export interface StrictStorageOptions {
  /** With cert.pem and key.pem. */
  readonly certificateFolder: string
  /** A file's bytes by its path below the account, null where there is none. */
  readonly file: (path: string) => Buffer | null
  /** True when a request with this bearer token may read. */
  readonly accepts: (token: string) => boolean
  /** True when a request with this `sig` of a SAS may read; without it no signature is taken. */
  readonly acceptsSignature?: (signature: string) => boolean
  readonly fault?: (method: string, path: string) => Fault | null
  /** Takes a blob that is written; nothing may be, when absent. */
  readonly put?: (path: string, body: Buffer) => void
}

/**
 * Blob storage as strict as Azure's about tokens, and as faulty as a test wants it: the emulator knows neither a token that is over (it
 * answers 403, Azure 401) nor trouble.
 */
export async function startStrictStorage(options: StrictStorageOptions): Promise<StrictStorage> {
  const read = (name: string) => readFile(`${options.certificateFolder}/${name}`)
  const counts = { GET: 0, HEAD: 0, PUT: 0 }
  const server = createServer(
    { cert: await read('cert.pem'), key: await read('key.pem') },
    async (request, response) => {
      const method = request.method === 'HEAD' || request.method === 'PUT' ? request.method : 'GET'
      counts[method]++
      const path = decodeURIComponent((request.url ?? '/').split('?')[0] ?? '').replace(/^\/account\//, '')
      const fault = options.fault?.(method, path) ?? null
      if (fault?.kind === 'stall') return
      if (fault?.kind === 'late') await fault.until
      if (fault?.kind === 'reset') return void request.socket.destroy()
      if (fault?.kind === 'refuse') return refuse(response, fault.status, fault.code, fault.retryAfterSeconds)
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
      const signature = new URL(request.url ?? '/', 'https://storage').searchParams.get('sig')
      // Azure takes one of the two, never both.
      if (signature !== null && token !== undefined) return refuse(response, 400, 'InvalidAuthenticationInfo')
      if (signature !== null) {
        if (options.acceptsSignature?.(signature) !== true) return refuse(response, 403, 'AuthenticationFailed')
      } else if (token === undefined) return refuse(response, 401, 'NoAuthenticationInformation')
      else if (!options.accepts(token)) return refuse(response, 401, 'InvalidAuthenticationInfo')
      if (method === 'PUT') return void take(request, response, (body) => options.put?.(path, body))
      const body = options.file(path)
      if (body === null) return refuse(response, 404, 'BlobNotFound')
      sendRange(request, response, body, fault?.kind === 'truncate')
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}/account`,
    counts,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function refuse(response: ServerResponse, status: number, code: string, retryAfterSeconds?: number): void {
  const later = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
  response.writeHead(status, { 'x-ms-error-code': code, 'content-length': 0, ...later }).end()
}

async function take(request: IncomingMessage, response: ServerResponse, put: (body: Buffer) => void): Promise<void> {
  put(await buffer(request))
  response.writeHead(201, { etag: '"0x1"', 'content-length': 0 }).end()
}

function sendRange(request: IncomingMessage, response: ServerResponse, body: Buffer, truncated: boolean): void {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  const from = Number(first ?? 0)
  const part = body.subarray(from, last ? Number(last) + 1 : body.length)
  response.writeHead(first === undefined ? 200 : 206, {
    'content-length': part.length,
    'accept-ranges': 'bytes',
    ...(first !== undefined && { 'content-range': `bytes ${from}-${from + part.length - 1}/${body.length}` }),
  })
  if (request.method === 'HEAD') return void response.end()
  if (!truncated) return void response.end(part)
  response.write(part.subarray(0, part.length >> 1), () => request.socket.destroy())
}
