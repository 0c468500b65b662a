import { LRUCache } from 'lru-cache'
import { TilepressError } from '../errors.ts'
import type { HrefResolver } from './reader.ts'

export interface HrefResolverOptions {
  /** Account name to blob endpoint, `https://account.blob.core.windows.net` or an emulator's `https://host:port/account`. */
  readonly accounts: ReadonlyMap<string, string>
  /** Account of hrefs that name none. */
  readonly defaultAccount: string | null
  /** Folders (`/data/`) and hosts (`https://host/`) that need no token. */
  readonly prefixes: readonly string[]
  /** File with the token's header; null = requests go unsigned. */
  readonly headerFile: string | null
  readonly maxRetry: number
  /** Seconds before the first retry. */
  readonly retryDelay: number
}

/** A blob's or a file's place, before it becomes a GDAL name. */
export interface AssetPlace {
  readonly kind: 'blob' | 'http' | 'file'
  /** URL, or path for `file`. */
  readonly location: string
}

const RENEWED_HREFS = 10_000

/**
 * The only maker of names that GDAL opens. Every href must lie in a configured account or under a configured prefix: the token
 * is good for every account of the tenant, so it must not follow a caller's URL anywhere else, and no file of the machine may be read.
 */
export class AssetHrefResolver implements HrefResolver {
  readonly #options: HrefResolverOptions
  readonly #hosts: ReadonlyMap<string, string>
  /** How often a href was given a fresh name, because GDAL remembers a failed open for the life of the process. */
  readonly #renewals = new LRUCache<string, number>({ max: RENEWED_HREFS })

  constructor(options: HrefResolverOptions) {
    this.#options = options
    this.#hosts = new Map([...options.accounts].map(([name, endpoint]) => [`${name}.blob.core.windows.net`, endpoint]))
  }

  /** GDAL's name of the asset: a path, or a /vsicurl? name that carries no token. Throws ASSET_REFUSED. */
  resolve(href: string): string {
    const place = this.place(href)
    if (place.kind === 'file') return place.location
    const { headerFile, maxRetry, retryDelay } = this.#options
    const renewal = this.#renewals.get(href)
    const url = renewal === undefined ? place.location : `${place.location}?_r=${renewal}`
    const fields = [
      ...(place.kind === 'blob' && headerFile !== null ? [`header_file=${encodeURIComponent(headerFile)}`] : []),
      'empty_dir=yes',
      'use_head=yes',
      `max_retry=${maxRetry}`,
      `retry_delay=${retryDelay}`,
      `url=${encodeURIComponent(url)}`,
    ]
    return `/vsicurl?${fields.join('&')}`
  }

  /** Gives the href a name GDAL has not seen, after a failure that may have passed. */
  renew(href: string): void {
    this.#renewals.set(href, (this.#renewals.get(href) ?? 0) + 1)
  }

  /** Throws ASSET_REFUSED. */
  place(href: string): AssetPlace {
    const blob = this.#blobPlace(href)
    if (blob) return { kind: 'blob', location: blob }
    for (const prefix of this.#options.prefixes) {
      if (!href.startsWith(prefix) || hasDotSegment(href)) continue
      return { kind: prefix.startsWith('/') ? 'file' : 'http', location: href }
    }
    throw refused(href)
  }

  #blobPlace(href: string): string | null {
    const { accounts, defaultAccount } = this.#options
    const short = /^(?:\/vsiaz\/|az:\/\/)([^/?#]+)\/([^?#]+)$/.exec(href)
    if (short) {
      const endpoint = defaultAccount === null ? undefined : accounts.get(defaultAccount)
      if (!endpoint) throw refused(href)
      return blobUrl(endpoint, short[1] ?? '', short[2] ?? '', href)
    }
    const abfs = /^abfss?:\/\/([^@/?#]+)@([a-z0-9]+)\.dfs\.[^/?#]+\/([^?#]+)$/.exec(href)
    if (abfs) {
      const endpoint = accounts.get(abfs[2] ?? '')
      if (!endpoint) throw refused(href)
      return blobUrl(endpoint, abfs[1] ?? '', abfs[3] ?? '', href)
    }
    const https = /^https:\/\/([^/?#]+)\/([^/?#]+)\/([^?#]+)/.exec(href)
    const endpoint = https && this.#hosts.get((https[1] ?? '').toLowerCase())
    // A signature in the query is dropped: the token is what opens the account, and a SAS must not reach a name or a log.
    if (https && endpoint) return blobUrl(endpoint, https[2] ?? '', decode(https[3] ?? '', href), href)
    for (const own of accounts.values()) {
      const rest = href.startsWith(`${own}/`) ? /^([^/?#]+)\/([^?#]+)/.exec(href.slice(own.length + 1)) : null
      if (rest) return blobUrl(own, rest[1] ?? '', decode(rest[2] ?? '', href), href)
    }
    return null
  }
}

function blobUrl(endpoint: string, container: string, path: string, href: string): string {
  if (!/^(\$web|\$root|[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9])$/.test(container) || hasDotSegment(`/${path}`))
    throw refused(href)
  return `${endpoint}/${container}/${path.split('/').map(encodeURIComponent).join('/')}`
}

function hasDotSegment(path: string): boolean {
  return /(^|\/)\.{1,2}(\/|$)/.test(path) || path.includes('\0') || path.includes('\\')
}

function decode(path: string, href: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw refused(href)
  }
}

/** The href goes to the log without its query; the client learns only that it was refused. */
function refused(href: string): TilepressError {
  return new TilepressError('ASSET_REFUSED', 'an asset lies outside the configured accounts and prefixes', {
    context: { href: href.split('?')[0]?.slice(0, 500) },
  })
}
