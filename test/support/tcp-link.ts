import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

/** Carries connections to a server of this machine, until a test has them stall or cut. */
export interface TcpLink {
  readonly port: number
  /** The address of whatever `url` names, by way of the link. */
  via(url: string): string
  /** Nothing is carried any more, in either direction; connections stay open, new ones are taken and carry nothing either. */
  stall(): void
  /**
   * As `stall`, but only for the connections that are open, and for ever: a firewall that has forgotten them. New ones are carried.
   * Returns how many they are.
   */
  swallow(): number
  /** Connections that were ever taken. */
  readonly taken: number
  /** Every connection is reset, and new ones are. */
  cut(): void
  /** Carries again, what stalled first. What was swallowed is cut. */
  mend(): void
  close(): Promise<void>
}

/** @param target port on 127.0.0.1 */
export async function startLink(target: number): Promise<TcpLink> {
  let state: 'open' | 'stalled' | 'cut' = 'open'
  const pairs = new Set<readonly [Socket, Socket]>()
  const swallowed = new WeakSet<readonly [Socket, Socket]>()
  let taken = 0
  const server = createServer((near) => {
    taken++
    if (state === 'cut') return void near.resetAndDestroy()
    const far = connect(target, '127.0.0.1')
    const pair = [near, far] as const
    pairs.add(pair)
    for (const [from, to] of [pair, [far, near] as const]) {
      from.setNoDelay(true)
      from.on('error', () => undefined)
      from.on('data', (part) => void to.write(part))
      from.once('close', () => {
        pairs.delete(pair)
        to.destroy()
      })
    }
    if (state === 'stalled') pause(pair)
  })
  const resume = (pair: readonly [Socket, Socket]) => {
    if (state !== 'stalled' && !swallowed.has(pair)) for (const socket of pair) socket.resume()
  }
  const pause = (pair: readonly [Socket, Socket]) => {
    for (const socket of pair) socket.pause()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    via: (url) => {
      const address = new URL(url)
      address.hostname = '127.0.0.1'
      address.port = String(port)
      return address.href.replace(/\/$/, '')
    },
    stall: () => {
      state = 'stalled'
      for (const pair of pairs) pause(pair)
    },
    swallow: () => {
      for (const pair of pairs) {
        swallowed.add(pair)
        pause(pair)
      }
      return pairs.size
    },
    get taken() {
      return taken
    },
    cut: () => {
      state = 'cut'
      for (const [near, far] of pairs) {
        near.resetAndDestroy()
        far.destroy()
      }
    },
    mend: () => {
      state = 'open'
      for (const pair of pairs) {
        if (swallowed.has(pair)) for (const socket of pair) socket.destroy()
        else resume(pair)
      }
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const [near, far] of pairs) {
        near.destroy()
        far.destroy()
      }
      await closed
    },
  }
}
