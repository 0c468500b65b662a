import type { AccessToken } from '@azure/identity'

/** Who gives out shared access signatures: what a SAS is, from where the product stands, is a token for one container. */
export interface SignatureSource {
  /** A SAS that may read the container's blobs, without the question mark. Throws SignatureRefused, or what kept the answer away. */
  sign(account: string, container: string): Promise<AccessToken>
}

/** No signature was given. The message has neither the address nor the answer in it. */
export class SignatureRefused extends Error {
  readonly status: number
  /** The storage's own error code. */
  readonly azureCode: string | null

  constructor(status: number, azureCode: string | null) {
    super(`a signature was refused with ${status}${azureCode === null ? '' : ` ${azureCode}`}`)
    this.name = 'SignatureRefused'
    this.status = status
    this.azureCode = azureCode
  }
}
