/** A tier that says itself when it may be asked again. */
export class TierBusy extends Error {
  readonly restMs: number

  constructor(restMs: number, options?: ErrorOptions) {
    super('the tier asks for a rest', options)
    this.restMs = restMs
  }
}

/** Milliseconds that the tier asked for, null where it did not. */
export function restOf(error: unknown): number | null {
  return error instanceof TierBusy ? error.restMs : null
}
