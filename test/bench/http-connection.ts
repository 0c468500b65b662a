import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface Answer {
  readonly status: number
  /** Of the body. */
  readonly bytes: number
  /** X-Cache, `-` without. */
  readonly cache: string
}

interface Pending {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
}

/**
 * One kept-alive connection, one request at a time. The load must cost less than what it measures: node:http takes 0.4 ms of CPU for a
 * tile, this 0.1. It knows what the measured servers send: a Content-Length, or no body at all.
 */
export class HttpConnection {
  readonly #socket: Socket
  readonly #host: string
  #pending: Pending | null = null
  #head: Buffer | null = null
  #answer: Answer | null = null
  /** Bytes of the body still to come. */
  #missing = 0

  private constructor(socket: Socket, host: string) {
    this.#socket = socket
    this.#host = host
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the server closed a connection')))
  }

  static async open(url: URL): Promise<HttpConnection> {
    const socket = connect(Number(url.port), url.hostname)
    await once(socket, 'connect')
    return new HttpConnection(socket, url.host)
  }

  /** `path` with its query. Rejects when the connection breaks. */
  get(path: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject }
      this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: ${this.#host}\r\n\r\n`)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    if (this.#answer !== null) this.#missing -= chunk.length
    else {
      const seen = this.#head === null ? chunk : Buffer.concat([this.#head, chunk])
      const end = seen.indexOf('\r\n\r\n')
      if (end < 0) {
        this.#head = seen
        return
      }
      this.#head = null
      const head = seen.toString('latin1', 0, end)
      if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
        this.#fail(new Error('chunked answers are not understood'))
        return
      }
      const bytes = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
      const cache = /\r\nx-cache: *([^\r]+)/i.exec(head)?.[1] ?? '-'
      this.#answer = { status: Number(head.slice(9, 12)), bytes, cache }
      this.#missing = bytes - (seen.length - end - 4)
    }
    if (this.#missing > 0) return
    const [answer, pending] = [this.#answer, this.#pending]
    this.#answer = null
    this.#pending = null
    pending?.resolve(answer)
  }

  #fail(error: Error): void {
    const pending = this.#pending
    this.#pending = null
    pending?.reject(error)
  }
}
