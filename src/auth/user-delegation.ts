import type { AccessToken, TokenCredential } from '@azure/identity'
import {
  BlobServiceClient,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  RestError,
  SASProtocol,
} from '@azure/storage-blob'
import { SignatureRefused, type SignatureSource } from './signature-source.ts'

/** Clocks of the storage's servers and ours need not agree: a key that begins now may begin in their future. */
const BEGINS_BEFORE_MS = 600_000

/** Of a signature: the last that the user-delegation string-to-sign changed for all (skdutid and the like are not used). */
const SIGNATURE_VERSION = '2020-12-06'

/**
 * User-delegation SAS: signatures made with a key that storage gives out for a token (REST API, Get User Delegation Key). No account key
 * is involved. A key a signature, so that keys that were revoked are not used again.
 */
export class UserDelegation implements SignatureSource {
  readonly #endpoints: ReadonlyMap<string, string>
  readonly #credential: TokenCredential
  readonly #lifeMs: number
  readonly #clients = new Map<string, BlobServiceClient>()

  /** @param endpoints blob endpoint by account */
  constructor(endpoints: ReadonlyMap<string, string>, credential: TokenCredential, lifeMs: number) {
    this.#endpoints = endpoints
    this.#credential = credential
    this.#lifeMs = lifeMs
  }

  async sign(account: string, container: string): Promise<AccessToken> {
    const now = Date.now()
    const expiresOn = new Date(now + this.#lifeMs)
    const key = await this.#client(account)
      .getUserDelegationKey(new Date(now - BEGINS_BEFORE_MS), expiresOn)
      .catch((error: unknown) => {
        // The SDK keeps the service's own code of an answer without a body in its headers alone.
        if (!(error instanceof RestError) || error.statusCode === undefined) throw error
        throw new SignatureRefused(error.statusCode, error.response?.headers.get('x-ms-error-code') ?? null)
      })
    const signature = generateBlobSASQueryParameters(
      {
        containerName: container,
        permissions: ContainerSASPermissions.parse('r'),
        protocol: SASProtocol.Https,
        expiresOn,
        version: SIGNATURE_VERSION,
      },
      key,
      account,
    )
    return { token: signature.toString(), expiresOnTimestamp: expiresOn.getTime() }
  }

  #client(account: string): BlobServiceClient {
    let client = this.#clients.get(account)
    if (client === undefined) {
      // Whoever asks for a signature tries again by itself.
      client = new BlobServiceClient(this.#endpoints.get(account)!, this.#credential, {
        retryOptions: { maxTries: 1, tryTimeoutInMs: 10_000 },
      })
      this.#clients.set(account, client)
    }
    return client
  }
}
