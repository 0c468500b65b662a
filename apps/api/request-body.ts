import type { Context } from 'koa'
import { TilepressError } from '../../src/errors.ts'
import { parseJson } from '../../src/request/json-text.ts'

/** A search with a detailed polygon has some 100 kB. */
const MOST_BYTES = 1_048_576

/** Objects and lists in each other. A feature's properties are the client's own, and go back to it. */
const MOST_LEVELS = 64

/** The request's JSON. Throws BODY_TOO_LARGE, PARAMETER_INVALID. */
export async function readJson(ctx: Context): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  if (Number(ctx.get('Content-Length')) > MOST_BYTES) throw tooLarge()
  // Not destroyed by what is thrown here: the client would not hear of it, and another request on the connection wait for ever.
  for await (const chunk of ctx.req.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length
    if (bytes > MOST_BYTES) {
      // The rest goes nowhere.
      ctx.req.resume()
      throw tooLarge()
    }
    chunks.push(chunk as Buffer)
  }
  return parseJson('the body', Buffer.concat(chunks).toString('utf8'), MOST_LEVELS)
}

function tooLarge(): TilepressError {
  return new TilepressError('BODY_TOO_LARGE', `the body may have at most ${MOST_BYTES} bytes`)
}
