import type { AccessToken } from '@azure/identity'
import { z } from 'zod'
import { SignatureRefused, type SignatureSource } from './signature-source.ts'

const ANSWER_MS = 10_000

/** What may stand in a query, and in a JSON text without escapes. */
const answerShape = z.object({
  token: z.string().regex(/^[\w%=&.:+~*/-]{1,4096}$/),
  'msft:expiry': z.iso.datetime({ offset: true }),
})

/**
 * Signatures of Microsoft's Planetary Computer, whose containers nobody may read without: `GET {url}/{account}/{container}` answers
 * `{"msft:expiry": …, "token": …}` (planetarycomputer.microsoft.com/docs/concepts/sas). They live about 45 minutes; with a subscription
 * key longer, and more may be asked for.
 */
export class PlanetaryComputer implements SignatureSource {
  readonly #url: string
  readonly #headers: Readonly<Record<string, string>>

  constructor(url: string, subscriptionKey: string | undefined) {
    this.#url = url.replace(/\/+$/, '')
    this.#headers = subscriptionKey === undefined ? {} : { 'Ocp-Apim-Subscription-Key': subscriptionKey }
  }

  async sign(account: string, container: string): Promise<AccessToken> {
    const answer = await fetch(`${this.#url}/${account}/${container}`, {
      headers: this.#headers,
      // The key must not follow a redirection.
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
    })
    if (!answer.ok) {
      await answer.body?.cancel()
      throw new SignatureRefused(answer.status, null)
    }
    const shape = answerShape.safeParse(await answer.json())
    if (!shape.success) throw new Error('the token endpoint’s answer is no signature')
    return { token: shape.data.token, expiresOnTimestamp: Date.parse(shape.data['msft:expiry']) }
  }
}
