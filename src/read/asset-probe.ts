import type { TokenProvider } from '../auth/token-provider.ts'
import type { ErrorCode } from '../errors.ts'
import type { AssetHrefResolver } from './href-resolver.ts'

const PROBE_MS = 5_000

/**
 * Why an asset could not be read. GDAL's texts don't tell a missing blob from a missing role, so the storage is asked once, with
 * the same token, and answers by status (Blob service error codes, REST API reference).
 */
export class AssetProbe {
  readonly #resolver: AssetHrefResolver
  readonly #tokens: TokenProvider | null

  constructor(resolver: AssetHrefResolver, tokens: TokenProvider | null) {
    this.#resolver = resolver
    this.#tokens = tokens
  }

  /** Never throws. Gives the href a fresh GDAL name, as GDAL would remember the failure. */
  async classify(href: string): Promise<ErrorCode> {
    try {
      this.#resolver.renew(href)
      const place = this.#resolver.place(href)
      if (place.kind === 'file') return 'ASSET_UNREADABLE'
      const headers: Record<string, string> = { 'x-ms-version': '2019-12-12' }
      if (place.kind === 'blob' && this.#tokens)
        headers.authorization = `Bearer ${(await this.#tokens.getToken()).token}`
      const answer = await fetch(place.location, {
        method: 'HEAD',
        headers: place.kind === 'blob' ? headers : {},
        redirect: 'manual',
        signal: AbortSignal.timeout(PROBE_MS),
      })
      if (answer.status === 401) await this.#tokens?.renew()
      return codeOfStatus(answer.status)
    } catch {
      return 'STORAGE_UNAVAILABLE'
    }
  }
}

/** 409 is what Blob storage answers for a container being deleted or public access switched off. */
export function codeOfStatus(status: number): ErrorCode {
  if (status === 404 || status === 410) return 'ASSET_NOT_FOUND'
  if (status === 401 || status === 403 || status === 409) return 'ASSET_FORBIDDEN'
  if (status === 429 || status >= 500) return 'STORAGE_UNAVAILABLE'
  return 'ASSET_UNREADABLE'
}
