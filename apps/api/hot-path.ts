import type { IncomingMessage } from 'node:http'
import { TilepressError } from '../../src/errors.ts'

/**
 * A matcher of one route's paths: parameters decoded, or null. The router walks all its routes and composes their middleware anew for
 * each request, 18 of the 100 µs of a tile from memory; tiles are most of what is asked for, so they are matched before it.
 */
export function compilePath(path: string): (pathname: string) => Record<string, string> | null {
  const names: string[] = []
  const source = path.replace(/:(\w+)/g, (_, name: string) => {
    names.push(name)
    return '([^/]+)'
  })
  const pattern = new RegExp(`^${source}$`)
  return (pathname) => {
    const match = pattern.exec(pathname)
    if (!match) return null
    const parameters: Record<string, string> = {}
    for (let i = 0; i < names.length; i++) parameters[names[i] ?? ''] = decode(match[i + 1] ?? '')
    return parameters
  }
}

/** Throws ROUTE_NOT_FOUND for what is no percent-encoding. */
function decode(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new TilepressError('ROUTE_NOT_FOUND', 'the path is not percent-encoded')
  }
}

/** The path of a request, as Koa's `ctx.path` gives it for all but the absolute form, in a tenth of the time. */
export function pathnameOf({ url = '' }: IncomingMessage): string {
  const at = url.indexOf('?')
  return at < 0 ? url : url.slice(0, at)
}

/** The query of a request, without its question mark. */
export function querystringOf({ url = '' }: IncomingMessage): string {
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at + 1)
}
