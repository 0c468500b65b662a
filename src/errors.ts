/**
 * Every failure the product knows, by code. The edges keep the tables: HTTP status in apps/api/error-response.ts, texts for
 * people in docs/errors.md (a test holds the three together).
 *
 * `retryable`: the same request may succeed a moment later, so the queue tries again before it answers.
 * `caller`: the request itself is at fault; nothing for an operator to mend.
 */
export const errorTable = {
  PARAMETER_INVALID: { retryable: false, caller: true },
  TILE_OUTSIDE_MATRIX: { retryable: false, caller: true },
  TILE_MATRIX_SET_NOT_FOUND: { retryable: false, caller: true },
  SEARCH_NOT_FOUND: { retryable: false, caller: true },
  COLLECTION_NOT_FOUND: { retryable: false, caller: true },
  ITEM_NOT_FOUND: { retryable: false, caller: true },
  RENDER_NOT_FOUND: { retryable: false, caller: true },
  OUTSIDE_BOUNDS: { retryable: false, caller: true },
  SEARCH_INVALID: { retryable: false, caller: true },
  ASSET_NAME_INVALID: { retryable: false, caller: true },
  EXPRESSION_INVALID: { retryable: false, caller: true },
  BAND_INVALID: { retryable: false, caller: true },
  RASTER_SHAPE_INVALID: { retryable: false, caller: true },
  FORMAT_INVALID: { retryable: false, caller: true },
  ASSET_REFUSED: { retryable: false, caller: false },
  ASSET_NOT_FOUND: { retryable: false, caller: false },
  ASSET_FORBIDDEN: { retryable: false, caller: false },
  ASSET_UNREADABLE: { retryable: false, caller: false },
  STORAGE_ROLE_MISSING: { retryable: false, caller: false },
  STORAGE_FIREWALL: { retryable: false, caller: false },
  STORAGE_ACCOUNT_NOT_FOUND: { retryable: false, caller: false },
  STORAGE_TOKEN_REJECTED: { retryable: true, caller: false },
  STORAGE_UNAVAILABLE: { retryable: true, caller: false },
  TOKEN_UNAVAILABLE: { retryable: true, caller: false },
  DATABASE_UNAVAILABLE: { retryable: true, caller: false },
  QUEUE_UNAVAILABLE: { retryable: true, caller: false },
  QUEUE_FULL: { retryable: true, caller: false },
  RENDER_TIMEOUT: { retryable: true, caller: false },
  RENDER_ABANDONED: { retryable: true, caller: false },
  RUN_NOT_FOUND: { retryable: false, caller: true },
  RUN_TOO_LARGE: { retryable: false, caller: true },
  WRITE_CLOSED: { retryable: false, caller: true },
  KEY_REQUIRED: { retryable: false, caller: true },
  BODY_TOO_LARGE: { retryable: false, caller: true },
  ROUTE_NOT_FOUND: { retryable: false, caller: true },
  METHOD_NOT_ALLOWED: { retryable: false, caller: true },
  INTERNAL: { retryable: true, caller: false },
} as const satisfies Record<string, { retryable: boolean; caller: boolean }>

export type ErrorCode = keyof typeof errorTable

/** A failure with a code. `detail` is for the client: it never holds a path, a host, a token or a stack. */
export class TilepressError extends Error {
  readonly code: ErrorCode
  readonly detail: string

  /** `cause` and `context` are for the operator's log alone. */
  readonly context: Record<string, unknown>

  /** When it is worth another try, where that is known. */
  readonly retryAfterSeconds: number | null

  constructor(
    code: ErrorCode,
    detail: string,
    options: { cause?: unknown; context?: Record<string, unknown>; retryAfterSeconds?: number } = {},
  ) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'TilepressError'
    this.code = code
    this.detail = detail
    this.context = options.context ?? {}
    this.retryAfterSeconds = options.retryAfterSeconds ?? null
  }

  get retryable(): boolean {
    return errorTable[this.code].retryable
  }

  /** The request itself is at fault, not a part or its data. */
  get caller(): boolean {
    return errorTable[this.code].caller
  }
}

/** Whatever was thrown, as a TilepressError: what we did not foresee becomes INTERNAL with its cause kept for the log. */
export function toTilepressError(thrown: unknown): TilepressError {
  if (thrown instanceof TilepressError) return thrown
  return new TilepressError('INTERNAL', 'internal error', { cause: thrown })
}

/** True when `code` is one of ours; used where a code comes back from Redis. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code)
}
