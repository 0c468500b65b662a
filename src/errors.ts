/**
 * Every failure the product knows, by code. The edges keep the tables: HTTP status in apps/api/error-response.ts, texts for
 * people in docs/errors.md (a test holds the three together).
 *
 * `retryable`: the same request may succeed a moment later, so the queue tries again before it answers.
 */
export const errorTable = {
  PARAMETER_INVALID: { retryable: false },
  TILE_OUTSIDE_MATRIX: { retryable: false },
  TILE_MATRIX_SET_NOT_FOUND: { retryable: false },
  SEARCH_NOT_FOUND: { retryable: false },
  COLLECTION_NOT_FOUND: { retryable: false },
  SEARCH_INVALID: { retryable: false },
  ASSET_NAME_INVALID: { retryable: false },
  BAND_INVALID: { retryable: false },
  RASTER_SHAPE_INVALID: { retryable: false },
  FORMAT_INVALID: { retryable: false },
  ASSET_REFUSED: { retryable: false },
  ASSET_NOT_FOUND: { retryable: false },
  ASSET_FORBIDDEN: { retryable: false },
  ASSET_UNREADABLE: { retryable: false },
  STORAGE_UNAVAILABLE: { retryable: true },
  TOKEN_UNAVAILABLE: { retryable: true },
  DATABASE_UNAVAILABLE: { retryable: true },
  QUEUE_UNAVAILABLE: { retryable: true },
  QUEUE_FULL: { retryable: true },
  RENDER_TIMEOUT: { retryable: true },
  RENDER_ABANDONED: { retryable: true },
  RUN_NOT_FOUND: { retryable: false },
  RUN_TOO_LARGE: { retryable: false },
  WRITE_CLOSED: { retryable: false },
  KEY_REQUIRED: { retryable: false },
  BODY_TOO_LARGE: { retryable: false },
  ROUTE_NOT_FOUND: { retryable: false },
  METHOD_NOT_ALLOWED: { retryable: false },
  INTERNAL: { retryable: true },
} as const satisfies Record<string, { retryable: boolean }>

export type ErrorCode = keyof typeof errorTable

/** A failure with a code. `detail` is for the client: it never holds a path, a host, a token or a stack. */
export class TilepressError extends Error {
  readonly code: ErrorCode
  readonly detail: string

  /** `cause` and `context` are for the operator's log alone. */
  readonly context: Record<string, unknown>

  constructor(code: ErrorCode, detail: string, options: { cause?: unknown; context?: Record<string, unknown> } = {}) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'TilepressError'
    this.code = code
    this.detail = detail
    this.context = options.context ?? {}
  }

  get retryable(): boolean {
    return errorTable[this.code].retryable
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
