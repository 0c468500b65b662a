import type { TokenProvider } from '../auth/token-provider.ts'
import { type ErrorCode, TilepressError } from '../errors.ts'
import type { ContainerSignatures } from './container-signatures.ts'
import type { AssetHrefResolver, AssetPlace } from './href-resolver.ts'
import { codeOfAnswer } from './storage-answer.ts'

const PROBE_MS = 5_000

/** What the storage is asked with, and what to do when it refuses that. */
interface Access {
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  /** Resolves to false when what was refused is over, and nothing better is to be had. */
  replace(): Promise<boolean>
}

const openAccess: Access = { query: '', headers: {}, replace: async () => true }

/**
 * Why an asset could not be read. GDAL's texts don't tell a missing blob from a missing role, so the storage is asked once, with
 * the same token or signature.
 */
export class AssetProbe {
  readonly #resolver: AssetHrefResolver
  readonly #tokens: TokenProvider | null
  readonly #signatures: ContainerSignatures | null

  constructor(
    resolver: AssetHrefResolver,
    tokens: TokenProvider | null,
    signatures: ContainerSignatures | null = null,
  ) {
    this.#resolver = resolver
    this.#tokens = tokens
    this.#signatures = signatures
  }

  /** Never throws. Gives the href a fresh GDAL name, as GDAL would remember the failure, and asks for a new token or signature when the old is refused. */
  async classify(href: string): Promise<ErrorCode> {
    try {
      this.#resolver.renew(href)
      const place = this.#resolver.place(href)
      if (place.kind === 'file') return 'ASSET_UNREADABLE'
      const access = await this.#accessTo(place)
      const answer = await fetch(place.location + access.query, {
        method: 'HEAD',
        headers: access.headers,
        redirect: 'manual',
        signal: AbortSignal.timeout(PROBE_MS),
      })
      const code = codeOfAnswer(answer.status, answer.headers.get('x-ms-error-code'))
      if (code === 'STORAGE_TOKEN_REJECTED' && !(await access.replace())) return 'TOKEN_UNAVAILABLE'
      // The storage gives it out, so it is the file; or it was a moment's trouble, which another try shows.
      return code ?? 'ASSET_UNREADABLE'
    } catch (error) {
      if (error instanceof TilepressError) return error.code
      return isUnknownHost(error) ? 'STORAGE_ACCOUNT_NOT_FOUND' : 'STORAGE_UNAVAILABLE'
    }
  }

  async #accessTo({ kind, signedBy }: AssetPlace): Promise<Access> {
    if (kind !== 'blob') return openAccess
    const signatures = this.#signatures
    if (signedBy !== null && signatures !== null) {
      const signature = await signatures.signatureOf(signedBy)
      return { ...openAccess, query: `?${signature}`, replace: () => signatures.replace(signedBy, signature) }
    }
    const headers = { 'x-ms-version': '2019-12-12' }
    const tokens = this.#tokens
    if (tokens === null) return { ...openAccess, headers }
    const { token } = await tokens.getToken()
    return {
      ...openAccess,
      headers: { ...headers, authorization: `Bearer ${token}` },
      replace: async () => {
        await tokens.replace(token)
        return tokens.state().status === 'valid'
      },
    }
  }
}

/** The account's name resolves to nothing: no such account, or a private endpoint's name asked from outside its network. */
function isUnknownHost(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOTFOUND'
}
