interface Flight<V> {
  promise: Promise<V>
  readonly abort: AbortController
  passengers: number
  /** It has ended: there is nothing left to abort. */
  ended: boolean
}

/**
 * Calls for a key that is under way share it. Nothing outlives its call: a failure is seen by its waiters alone.
 * Each caller may leave by its signal; when the last one has left, the call itself is aborted.
 */
export class SingleFlight<K, V> {
  readonly #flights = new Map<K, Flight<V>>()

  /** `joined` tells whether the call was one more for a key under way. */
  run(
    key: K,
    call: (signal: AbortSignal) => Promise<V>,
    signal: AbortSignal,
  ): { promise: Promise<V>; joined: boolean } {
    let flight = this.#flights.get(key)
    const joined = flight !== undefined
    if (!flight) {
      const abort = new AbortController()
      const started: Flight<V> = { promise: call(abort.signal), abort, passengers: 0, ended: false }
      started.promise = started.promise.finally(() => {
        started.ended = true
        if (this.#flights.get(key) === started) this.#flights.delete(key)
      })
      this.#flights.set(key, started)
      flight = started
    }
    return { promise: this.#ride(key, flight, signal), joined }
  }

  get size(): number {
    return this.#flights.size
  }

  async #ride(key: K, flight: Flight<V>, signal: AbortSignal): Promise<V> {
    flight.passengers++
    const left = Promise.withResolvers<never>()
    const leave = () => left.reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    if (signal.aborted) leave()
    try {
      return await Promise.race([flight.promise, left.promise])
    } finally {
      signal.removeEventListener('abort', leave)
      flight.passengers--
      if (flight.passengers === 0 && !flight.ended) {
        // A newcomer must not board a call that is being aborted.
        if (this.#flights.get(key) === flight) this.#flights.delete(key)
        flight.abort.abort(signal.reason)
      }
    }
  }
}
