import type { TokenProvider } from '../auth/token-provider.ts'
import type { ErrorCode } from '../errors.ts'
import type { AssetHrefResolver } from './href-resolver.ts'
import { codeOfAnswer } from './storage-answer.ts'

const PROBE_MS = 5_000

/**
 * Why an asset could not be read. GDAL's texts don't tell a missing blob from a missing role, so the storage is asked once, with
 * the same token.
 */
export class AssetProbe {
  readonly #resolver: AssetHrefResolver
  readonly #tokens: TokenProvider | null

  constructor(resolver: AssetHrefResolver, tokens: TokenProvider | null) {
    this.#resolver = resolver
    this.#tokens = tokens
  }

  /** Never throws. Gives the href a fresh GDAL name, as GDAL would remember the failure, and asks for a new token when the old is refused. */
  async classify(href: string): Promise<ErrorCode> {
    try {
      this.#resolver.renew(href)
      const place = this.#resolver.place(href)
      if (place.kind === 'file') return 'ASSET_UNREADABLE'
      const headers: Record<string, string> = { 'x-ms-version': '2019-12-12' }
      const token = place.kind === 'blob' && this.#tokens ? (await this.#tokens.getToken()).token : null
      if (token !== null) headers.authorization = `Bearer ${token}`
      const answer = await fetch(place.location, {
        method: 'HEAD',
        headers: place.kind === 'blob' ? headers : {},
        redirect: 'manual',
        signal: AbortSignal.timeout(PROBE_MS),
      })
      const code = codeOfAnswer(answer.status, answer.headers.get('x-ms-error-code'))
      if (code === 'STORAGE_TOKEN_REJECTED' && token !== null) await this.#tokens?.replace(token)
      // The storage gives it out, so it is the file; or it was a moment's trouble, which another try shows.
      return code ?? 'ASSET_UNREADABLE'
    } catch (error) {
      return isUnknownHost(error) ? 'STORAGE_ACCOUNT_NOT_FOUND' : 'STORAGE_UNAVAILABLE'
    }
  }
}

/** The account's name resolves to nothing: no such account, or a private endpoint's name asked from outside its network. */
function isUnknownHost(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOTFOUND'
}
