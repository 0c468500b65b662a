import type { Context } from 'koa'
import { TilepressError } from '../../src/errors.ts'

/** A search with a detailed polygon has some 100 kB. */
const MOST_BYTES = 1_048_576

/** The request's JSON. Throws BODY_TOO_LARGE, PARAMETER_INVALID. */
export async function readJson(ctx: Context): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of ctx.req) {
    bytes += (chunk as Buffer).length
    if (bytes > MOST_BYTES) throw new TilepressError('BODY_TOO_LARGE', `the body may have at most ${MOST_BYTES} bytes`)
    chunks.push(chunk as Buffer)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw new TilepressError('PARAMETER_INVALID', 'the body is not JSON')
  }
}
