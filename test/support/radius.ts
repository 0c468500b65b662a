import { createHash, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'

export interface RadiusServer {
  readonly port: number
  readonly secret: string
  /** Sign-ins refused so far. */
  refused(): number
  close(): Promise<void>
}

const [ACCESS_REQUEST, ACCESS_ACCEPT, ACCESS_REJECT] = [1, 2, 3]
const USER_PASSWORD = 2

/**
 * Says for PostgreSQL which passwords are good (RFC 2865, access requests with PAP): PostgreSQL itself knows one password a role, while
 * a token of Azure's stays good when the next one is out.
 */
export async function startRadius(isGood: (password: string) => boolean): Promise<RadiusServer> {
  const secret = randomBytes(12).toString('hex')
  let refused = 0
  const socket = createSocket('udp4')
  socket.on('message', (request, from) => {
    if (request[0] !== ACCESS_REQUEST) return
    const authenticator = request.subarray(4, 20)
    const good = isGood(decrypt(attribute(request, USER_PASSWORD), authenticator, secret))
    if (!good) refused++
    const answer = Buffer.alloc(20)
    answer[0] = good ? ACCESS_ACCEPT : ACCESS_REJECT
    answer[1] = request[1] ?? 0
    answer.writeUInt16BE(20, 2)
    // Response authenticator: MD5 of code, id, length, the request's authenticator and the secret (§3).
    const digest = createHash('md5').update(answer.subarray(0, 4)).update(authenticator).update(secret).digest()
    digest.copy(answer, 4)
    socket.send(answer, from.port, from.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return {
    port: socket.address().port,
    secret,
    refused: () => refused,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

function attribute(packet: Buffer, wanted: number): Buffer {
  for (let at = 20; at < packet.length; at += packet[at + 1] ?? packet.length) {
    if (packet[at] === wanted) return packet.subarray(at + 2, at + (packet[at + 1] ?? 2))
  }
  return Buffer.alloc(0)
}

/** Blocks of 16 bytes, each XORed with MD5(secret + the block before), the first with the authenticator (§5.2). */
function decrypt(hidden: Buffer, authenticator: Buffer, secret: string): string {
  const plain = Buffer.alloc(hidden.length)
  let before: Buffer = authenticator
  for (let at = 0; at < hidden.length; at += 16) {
    const pad = createHash('md5').update(secret).update(before).digest()
    for (let i = 0; i < 16; i++) plain[at + i] = (hidden[at + i] ?? 0) ^ (pad[i] ?? 0)
    before = hidden.subarray(at, at + 16)
  }
  return plain.toString('utf8').replace(/\0+$/, '')
}
