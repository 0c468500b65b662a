import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context } from 'koa'
import { TilepressError } from '../../src/errors.ts'

/**
 * Who may write: the holder of a configured key (header X-API-Key); on a developer's machine without keys, everybody; else nobody.
 * Throws KEY_REQUIRED, WRITE_CLOSED.
 */
export function createWriteAccess(keys: readonly string[], localMode: boolean): (ctx: Context) => void {
  const digests = keys.map(digest)
  return (ctx) => {
    if (digests.length === 0) {
      if (localMode) return
      throw new TilepressError('WRITE_CLOSED', 'writing is closed: no key is configured (API_KEYS)')
    }
    const given = digest(ctx.get('X-API-Key'))
    // Digests have one length, and every one is compared: the time tells nothing of a key.
    const known = digests.reduce((found, each) => timingSafeEqual(each, given) || found, false)
    if (!known) throw new TilepressError('KEY_REQUIRED', 'this needs a valid key in the header X-API-Key')
  }
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
