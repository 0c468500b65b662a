import { LRUCache } from 'lru-cache'
import { SignatureRefused, type SignatureSource } from '../auth/signature-source.ts'
import { TokenProvider } from '../auth/token-provider.ts'
import { type ErrorCode, TilepressError } from '../errors.ts'
import { codeOfAnswer } from './storage-answer.ts'

/** GDAL keeps as many (cpl_vsil_curl.cpp, goCacheCollection). */
const CONTAINERS = 1_000

export interface ContainerSignaturesOptions {
  /** Null for a container that needs no signature. */
  readonly sourceOf: (account: string, container: string) => SignatureSource | null
  /** Gives a signature to GDAL, before anybody reads with it. */
  readonly publish: (container: string, signature: string) => void
  readonly withdraw: (container: string) => void
  readonly onFailure: (container: string, error: Error) => void
}

interface Held {
  readonly provider: TokenProvider
  /** Why the last try failed. */
  failure: ErrorCode | null
}

/**
 * The signatures of the containers that are being read, each held as a token is: asked for once, renewed in the background well before
 * its end, the last good one kept through an outage. Containers go by `account/container`.
 */
export class ContainerSignatures {
  readonly #options: ContainerSignaturesOptions
  readonly #held: LRUCache<string, Held>

  constructor(options: ContainerSignaturesOptions) {
    this.#options = options
    this.#held = new LRUCache({
      max: CONTAINERS,
      dispose: ({ provider }, container) => {
        provider.close()
        options.withdraw(container)
      },
    })
  }

  /** Resolves when GDAL has a signature of the container; undefined when it has one now. Throws as `signatureOf`. */
  ready(container: string): Promise<unknown> | undefined {
    return this.#held.get(container)?.provider.state().status === 'valid' ? undefined : this.signatureOf(container)
  }

  /** Throws the code of the refusal, or TOKEN_UNAVAILABLE. */
  async signatureOf(container: string): Promise<string> {
    const held = this.#hold(container)
    try {
      return (await held.provider.getToken()).token
    } catch (cause) {
      throw new TilepressError(held.failure ?? 'TOKEN_UNAVAILABLE', 'no signature for an asset’s container was given', {
        cause,
        context: { container },
      })
    }
  }

  /** Asks for a new one after storage refused this; false when it is over and there is no other. */
  async replace(container: string, refused: string): Promise<boolean> {
    const { provider } = this.#hold(container)
    await provider.replace(refused)
    return provider.state().status === 'valid'
  }

  close(): void {
    this.#held.clear()
  }

  #hold(container: string): Held {
    const known = this.#held.get(container)
    if (known !== undefined) return known
    const [account = '', name = ''] = container.split('/')
    const source = this.#options.sourceOf(account, name)
    if (source === null) throw new Error('nobody signs for this container')
    const held: Held = {
      failure: null,
      provider: new TokenProvider({
        scope: container,
        credential: { getToken: () => source.sign(account, name) },
        onChange: ({ token }) => {
          held.failure = null
          this.#options.publish(container, token)
        },
        onFailure: (error) => {
          held.failure = error instanceof SignatureRefused ? codeOfAnswer(error.status, error.azureCode) : null
          this.#options.onFailure(container, error)
        },
      }),
    }
    this.#held.set(container, held)
    return held
  }
}
