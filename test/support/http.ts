import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import sharp from 'sharp'
import { expect } from 'vitest'
import { secretsIn } from './secrets.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
  /** The body as JSON. */
  json<T = Record<string, unknown>>(): T
}

export interface Question {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON. */
  readonly body?: Buffer | string | object
  readonly signal?: AbortSignal
  /** Instead of one with 256 connections. */
  readonly agent?: Agent
}

const defaultAgent = new Agent({ keepAlive: true, maxSockets: 256 })

/** One request whose path goes out as it is written: fetch would tidy `/../` and `%2e` away. */
export async function ask(server: { readonly url: string }, path: string, question: Question = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body, signal, agent = defaultAgent } = question
  const isJson = typeof body === 'object' && !Buffer.isBuffer(body)
  const { hostname, port } = new URL(server.url)
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const sent = request(
    {
      agent,
      hostname,
      port,
      path,
      method,
      headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(signal ? { signal } : {}),
    },
    (response) => {
      buffer(response).then((bytes) => {
        const text = bytes.toString('utf8')
        const json = <T>() => JSON.parse(text) as T
        // Every refusal of every test is looked through, as are the programs' logs (programs.ts).
        if ((response.statusCode ?? 0) >= 400 && secretsIn(text, []).length > 0)
          return reject(new Error(`the refusal of ${method} ${path.split('?')[0]} shows a secret`))
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes, text, json })
      }, reject)
    },
  )
  sent.once('error', reject)
  sent.end(isJson ? JSON.stringify(body) : body)
  return promise
}

export interface Picture {
  readonly width: number
  readonly height: number
  readonly channels: number
  /** The samples of a pixel, by column and row from the top left. */
  at(column: number, row: number): number[]
}

/** Decodes PNG, JPEG or WebP. */
export async function decode(image: Buffer): Promise<Picture> {
  const { data, info } = await sharp(image).raw().toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  return {
    width,
    height,
    channels,
    at: (column, row) => [...data.subarray((row * width + column) * channels, (row * width + column + 1) * channels)],
  }
}

/** An error's answer: its status and code, in a body that has nothing but `detail` and `code` and gives nothing away. */
export function expectError(answer: Answer, status: number, code: string): string {
  const { detail, ...others } = answer.json<{ detail: string; code: string }>()
  expect({ status: answer.status, ...others }).toEqual({ status, code })
  expect(detail).toEqual(expect.any(String))
  expect(detail).not.toContain(process.cwd())
  expect(detail).not.toMatch(/node_modules|\.ts\b|\bat \S+ \(|vsicurl|127\.0\.0\.1|Bearer|eyJ/)
  expect(answer.headers['cache-control']).toBe('no-store')
  expect(answer.headers['content-type']).toMatch(/^application\/json/)
  expect(answer.headers.etag).toBeUndefined()
  return detail
}
