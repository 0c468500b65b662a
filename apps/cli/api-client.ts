import type { z } from 'zod'
import { CliError, exitCodes } from './context.ts'

const TIMEOUT_MS = 30_000

const hints: Record<string, string> = {
  KEY_REQUIRED: 'Put it into TILEPRESS_API_KEY, or into a file and name that with --key-file.',
  WRITE_CLOSED: 'The server takes runs and searches once API_KEYS is set there.',
}

/** Talks to the API; whatever goes wrong becomes a CliError with one sentence. */
export class ApiClient {
  readonly #url: string
  readonly #apiKey: string | null
  readonly #interrupted: AbortSignal

  constructor(url: string, apiKey: string | null, interrupted: AbortSignal) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol) || new URL(url).username !== '') {
      throw new CliError('--url takes an address as http://localhost:8000', { exitCode: exitCodes.usage })
    }
    // fetch would refuse it and repeat it in its message.
    if (apiKey !== null && !/^[\x21-\x7e]+$/.test(apiKey)) {
      throw new CliError('The API key is empty or has characters that no key has.', { exitCode: exitCodes.usage })
    }
    this.#url = url.replace(/\/+$/, '')
    this.#apiKey = apiKey
    this.#interrupted = interrupted
  }

  get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return this.#ask('GET', path, undefined, schema)
  }

  post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    return this.#ask('POST', path, body, schema)
  }

  async #ask<T>(method: string, path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    const { status, text } = await this.#exchange(method, path, body)
    const json = parseJson(text)
    if (status < 200 || status > 299) throw this.#refusal(status, json)
    const parsed = schema.safeParse(json)
    if (!parsed.success) throw new CliError(`${this.#url} does not answer as Tilepress does: is the address right?`)
    return parsed.data
  }

  async #exchange(method: string, path: string, body: unknown): Promise<{ status: number; text: string }> {
    const headers: Record<string, string> = { Accept: 'application/json' }
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    if (this.#apiKey !== null) headers['X-API-Key'] = this.#apiKey
    const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), this.#interrupted])
    try {
      const response = await fetch(this.#url + path, {
        method,
        headers,
        signal,
        // A key is not to follow a redirect to another host.
        redirect: 'error',
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: response.status, text: await response.text() }
    } catch (thrown) {
      if (this.#interrupted.aborted) throw thrown
      const why = signal.aborted
        ? `did not answer within ${TIMEOUT_MS / 1_000} s`
        : `does not answer (${reason(thrown)})`
      throw new CliError(`The server at ${this.#url} ${why}: is it running? --url or TILEPRESS_URL name another.`, {
        passing: true,
      })
    }
  }

  #refusal(status: number, json: unknown): CliError {
    const { detail, code } = (json ?? {}) as { detail?: unknown; code?: unknown }
    const passing = status >= 500
    if (typeof detail !== 'string' || typeof code !== 'string') {
      return new CliError(`${this.#url} answered ${status} and no reason: is the address right?`, { passing })
    }
    const hint = hints[code]
    return new CliError(`${detail} (${code})${hint ? `. ${hint}` : ''}`, { passing })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** fetch says only "fetch failed"; its cause has the code. */
function reason(thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown
  const { code } = (cause ?? {}) as { code?: unknown }
  if (typeof code === 'string') return code
  return cause instanceof Error ? cause.message : 'no connection'
}
