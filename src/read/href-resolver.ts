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
  /** File with the token's header; null = requests go without it. */
  readonly headerFile: string | null
  /** True for a container that is opened by a signature (SAS) instead of the token; none unless said otherwise. */
  readonly isSigned?: (account: string, container: string) => boolean
  readonly maxRetry: number
  /** Seconds before the first retry. */
  readonly retryDelay: number
}

/** A blob's or a file's place, before it becomes a GDAL name. */
export interface AssetPlace {
  readonly kind: 'blob' | 'http' | 'file'
  /** URL, or path for `file`. */
  readonly location: string
  /** `account/container` of a blob that is opened by the container's signature instead of the token. */
  readonly signedBy: string | null
}

interface BlobAddress {
  readonly account: string
  readonly endpoint: string
  readonly container: string
  readonly path: string
}

const RENEWED_HREFS = 10_000

/**
 * The only maker of names that GDAL opens. Every href must lie in a configured account or under a configured prefix: the token
 * is good for every account of the tenant, so it must not follow a caller's URL anywhere else, and no file of the machine may be read.
 */
export class AssetHrefResolver implements HrefResolver {
  readonly #options: HrefResolverOptions
  /** Account by public host name. */
  readonly #hosts: ReadonlyMap<string, string>
  /** How often a href was given a fresh name, because GDAL remembers a failed open for the life of the process. */
  readonly #renewals = new LRUCache<string, number>({ max: RENEWED_HREFS })

  constructor(options: HrefResolverOptions) {
    this.#options = options
    this.#hosts = new Map([...options.accounts.keys()].map((name) => [`${name}.blob.core.windows.net`, name]))
  }

  /** GDAL's name of the asset: a path, or a /vsicurl? name that carries neither token nor signature. Throws ASSET_REFUSED. */
  resolve(href: string): string {
    const place = this.place(href)
    if (place.kind === 'file') return place.location
    const { headerFile, maxRetry, retryDelay } = this.#options
    const renewal = this.#renewals.get(href)
    const url = renewal === undefined ? place.location : `${place.location}?_r=${renewal}`
    const fields = [
      ...openedBy(place, headerFile),
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
    const blob = this.#blobAddress(href)
    if (blob) {
      const { account, container } = blob
      const signedBy = this.#options.isSigned?.(account, container) === true ? `${account}/${container}` : null
      return { kind: 'blob', location: blobUrl(blob, href), signedBy }
    }
    for (const prefix of this.#options.prefixes) {
      if (!href.startsWith(prefix) || hasDotSegment(href)) continue
      return { kind: prefix.startsWith('/') ? 'file' : 'http', location: href, signedBy: null }
    }
    throw refused(href)
  }

  #blobAddress(href: string): BlobAddress | null {
    const { accounts, defaultAccount } = this.#options
    const addressOf = (account: string, container: string, path: string): BlobAddress => {
      const endpoint = accounts.get(account)
      if (endpoint === undefined) throw refused(href)
      return { account, endpoint, container, path }
    }
    const short = /^(?:\/vsiaz\/|az:\/\/)([^/?#]+)\/([^?#]+)$/.exec(href)
    if (short) return addressOf(defaultAccount ?? '', short[1] ?? '', short[2] ?? '')
    const abfs = /^abfss?:\/\/([^@/?#]+)@([a-z0-9]+)\.dfs\.[^/?#]+\/([^?#]+)$/.exec(href)
    if (abfs) return addressOf(abfs[2] ?? '', abfs[1] ?? '', abfs[3] ?? '')
    const https = /^https:\/\/([^/?#]+)\/([^/?#]+)\/([^?#]+)/.exec(href)
    const account = https && this.#hosts.get((https[1] ?? '').toLowerCase())
    // A signature in the query is dropped: what opens the account is ours, and a SAS must not reach a name or a log.
    if (https && account !== undefined && account !== null)
      return addressOf(account, https[2] ?? '', decode(https[3] ?? '', href))
    for (const [name, own] of accounts) {
      const rest = href.startsWith(`${own}/`) ? /^([^/?#]+)\/([^?#]+)/.exec(href.slice(own.length + 1)) : null
      if (rest) return addressOf(name, rest[1] ?? '', decode(rest[2] ?? '', href))
    }
    return null
  }
}

/** The fields of a /vsicurl? name that say what opens it; the secrets themselves are in GdalAccessFiles. */
function openedBy(place: AssetPlace, headerFile: string | null): string[] {
  if (place.signedBy !== null) return ['pc_url_signing=yes', `pc_collection=${encodeURIComponent(place.signedBy)}`]
  return place.kind === 'blob' && headerFile !== null ? [`header_file=${encodeURIComponent(headerFile)}`] : []
}

function blobUrl({ endpoint, container, path }: BlobAddress, href: string): string {
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
