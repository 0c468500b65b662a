import type { ErrorCode } from '../errors.ts'
import { codeOfAnswer } from '../read/storage-answer.ts'

const QUESTION_MS = 10_000
const STORAGE_VERSION = '2021-08-06'

/** What storage answered to one request. */
export interface StorageAnswer {
  /** Null: it gave what was asked for. */
  readonly code: ErrorCode | null
  readonly status: number | null
  /** Its own error code. */
  readonly azureCode: string | null
  /** How far this machine's clock is ahead of the storage's, milliseconds. */
  readonly clockAheadMs: number | null
  /** The tenant whose tokens it takes, where it says so (header WWW-Authenticate). */
  readonly tenant: string | null
}

export interface StorageQuestion {
  readonly method?: 'GET' | 'PUT' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Asks storage once. Never throws. */
export async function askStorage(
  url: string,
  token: string | null,
  question: StorageQuestion = {},
): Promise<StorageAnswer> {
  try {
    const answer = await fetch(url, {
      method: question.method ?? 'GET',
      headers: {
        'x-ms-version': STORAGE_VERSION,
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...question.headers,
      },
      ...(question.body !== undefined && { body: question.body }),
      redirect: 'manual',
      signal: AbortSignal.timeout(QUESTION_MS),
    })
    await answer.body?.cancel()
    const azureCode = answer.headers.get('x-ms-error-code')
    const date = Date.parse(answer.headers.get('date') ?? '')
    return {
      code: codeOfAnswer(answer.status, azureCode),
      status: answer.status,
      azureCode,
      clockAheadMs: Number.isNaN(date) ? null : Date.now() - date,
      tenant: /login\.[a-z.]+\/([0-9a-f-]{36})\//.exec(answer.headers.get('www-authenticate') ?? '')?.[1] ?? null,
    }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    const unknownHost = cause instanceof Error && 'code' in cause && cause.code === 'ENOTFOUND'
    const code = unknownHost ? 'STORAGE_ACCOUNT_NOT_FOUND' : 'STORAGE_UNAVAILABLE'
    return { code, status: null, azureCode: null, clockAheadMs: null, tenant: null }
  }
}
