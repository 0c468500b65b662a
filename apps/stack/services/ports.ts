import { connect, createServer } from 'node:net'

/** A TCP port of 127.0.0.1 that nobody listens on now. Another program may take it before it is used: see `onFreePort`. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('No free port was found on 127.0.0.1.')
  return address.port
}

/** Starts a server on `wanted`, or on a free port when that is undefined, on another one should somebody have been faster. */
export async function onFreePort<Started>(
  wanted: number | undefined,
  start: (port: number) => Promise<Started>,
): Promise<Started> {
  if (wanted !== undefined) return start(wanted)
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    try {
      return await start(port)
    } catch (error) {
      if (attempt === 3 || !(await acceptsConnections(port))) throw error
    }
  }
}

/** True when something listens on the port of 127.0.0.1. */
export function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      resolve(true)
      socket.destroy()
    })
    socket.once('error', () => resolve(false))
  })
}

/** Throws one sentence when an address and port can't be listened on. */
export async function assertPortFree(host: string, port: number): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE' ? 'is in use by another program' : `can't be listened on (${cause.message})`
      const wayOut = `Stop that program, or choose another port: PORT=${port + 1} npm start`
      reject(new Error(`Port ${port} of ${host} ${why}. ${wayOut}`, { cause }))
    })
    server.listen(port, host, resolve)
  })
  await new Promise((resolve) => server.close(resolve))
}
