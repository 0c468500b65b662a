import { readFileSync } from 'node:fs'
import { connect } from 'node:net'

/** What `cannon.ts FILE` reads from the file. */
export interface CannonTask {
  /** http://host:port */
  readonly url: string
  readonly connections: number
  readonly seconds: number
  readonly requests: readonly { readonly path: string; readonly headers?: Readonly<Record<string, string>> }[]
  readonly status: number
}

/** What it prints. */
export interface CannonResult {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly requests: number
  /** Answers with another status. */
  readonly bad: number
}

/** Latencies are counted in steps of so many milliseconds, the last for all above. */
const STEP_MS = 0.02
const STEPS = 50_000

/**
 * Requests over open connections, one at a time on each, on bare sockets: the load must cost less than what it measures. (autocannon 9 turns
 * bodies into UTF-8 text, which for JPEG takes longer than the server's answer: 5,800/s where the server gives three times that.) Each
 * connection goes round the list from a place of its own: two that asked for the same tile at once would share one look into the cache.
 */
async function fire({ url, connections, seconds, requests, status }: CannonTask): Promise<CannonResult> {
  const { hostname, port } = new URL(url)
  const messages = requests.map(({ path, headers = {} }) => {
    const lines = Object.entries({ Host: `${hostname}:${port}`, ...headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    )
    return Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  })
  const histogram = new Uint32Array(STEPS)
  let [answered, bad] = [0, 0]
  const started = performance.now()
  const end = started + seconds * 1_000
  const ride = (first: number) =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(Number(port), hostname)
      socket.setNoDelay(true)
      let next = first
      let sentAt = 0
      /** Bytes of the body that are still to come; negative while the head is. */
      let missing = -1
      let head: Buffer | null = null
      const send = () => {
        sentAt = performance.now()
        socket.write(messages[next++ % messages.length]!)
      }
      const finish = () => {
        const now = performance.now()
        histogram[Math.min(STEPS - 1, Math.floor((now - sentAt) / STEP_MS))]! += 1
        answered++
        missing = -1
        if (now < end) send()
        else {
          socket.destroy()
          resolve()
        }
      }
      socket.on('connect', send)
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('the server closed a connection')))
      socket.on('data', (chunk: Buffer) => {
        if (missing >= 0) missing -= chunk.length
        else {
          const seen = head === null ? chunk : Buffer.concat([head, chunk])
          const at = seen.indexOf('\r\n\r\n')
          if (at < 0) {
            head = seen
            return
          }
          head = null
          const text = seen.toString('latin1', 0, at)
          if (Number(text.slice(9, 12)) !== status) bad++
          const length = /\r\ncontent-length: (\d+)/i.exec(text)
          missing = Number(length?.[1] ?? 0) - (seen.length - at - 4)
        }
        if (missing === 0) finish()
      })
    })
  let done = false
  // Never asleep: on the loopback interface the sender pays for waking the receiver (40 µs here, more than all else of an answer).
  const spin = () => {
    if (!done) setImmediate(spin)
  }
  spin()
  await Promise.all(
    Array.from({ length: connections }, (_, index) => ride(Math.floor((index * requests.length) / connections))),
  )
  done = true
  const elapsed = (performance.now() - started) / 1_000
  return {
    perSecond: Math.round((answered - bad) / elapsed),
    p50: quantile(histogram, answered, 0.5),
    p99: quantile(histogram, answered, 0.99),
    requests: answered,
    bad,
  }
}

function quantile(histogram: Uint32Array, count: number, share: number): number {
  let seen = 0
  const at = histogram.findIndex((some) => {
    seen += some
    return seen > share * count
  })
  return Number(((at + 0.5) * STEP_MS).toFixed(2))
}

if (import.meta.main) {
  const task = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as CannonTask
  console.log(JSON.stringify(await fire(task)))
}
