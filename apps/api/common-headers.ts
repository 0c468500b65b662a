import type { ServerResponse } from 'node:http'

const EXPOSED = 'ETag, X-Cache, X-Tile-Truncated, Server-Timing, Retry-After, Location, Content-Bbox, Content-Crs'

/** Headers of every answer, name after name with its value: any page may ask, and no browser guesses a type. */
export const commonHeaders: readonly string[] = [
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Expose-Headers',
  EXPOSED,
  'X-Content-Type-Options',
  'nosniff',
]

export function setCommonHeaders(res: ServerResponse): void {
  for (let at = 0; at < commonHeaders.length; at += 2) {
    res.setHeader(commonHeaders[at] as string, commonHeaders[at + 1] as string)
  }
}
