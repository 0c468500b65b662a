import type { Context } from 'koa'
import { TilepressError } from '../../src/errors.ts'

/** Makes the signal that the client has left before its answer, when somebody asks for it: a hit has nothing to wait for. */
export function departureOf({ res }: Context): () => AbortSignal {
  return () => {
    const left = new AbortController()
    const leave = () => {
      if (!res.writableEnded) left.abort(new TilepressError('RENDER_ABANDONED', 'the client has left'))
    }
    if (res.destroyed || res.closed) leave()
    else res.once('close', leave)
    return left.signal
  }
}
