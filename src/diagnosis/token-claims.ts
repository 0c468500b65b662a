/** What a token says of itself. Its signature is never looked at, and never shown. */
export interface TokenClaims {
  readonly audience: string | null
  readonly tenant: string | null
  /** Object id of the identity: what roles are given to. */
  readonly objectId: string | null
  /** Client id of the identity's application. */
  readonly application: string | null
  /** Seconds since 1970. */
  readonly expires: number | null
}

/** The claims of a JWT (RFC 7519); all null for a token that is none. */
export function claimsOf(token: string): TokenClaims {
  const claims = payloadOf(token)
  const text = (name: string) => (typeof claims[name] === 'string' ? claims[name] : null)
  return {
    audience: text('aud'),
    tenant: text('tid'),
    objectId: text('oid'),
    application: text('appid') ?? text('azp'),
    expires: typeof claims.exp === 'number' ? claims.exp : null,
  }
}

function payloadOf(token: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
