/** Calls in progress at once: while one waits for the network the others have the core. */
const LANES = 4

/** The calls' results in the order of the values. The first failure is thrown; no call begins after it. */
export async function inLanes<T, R>(values: readonly T[], call: (value: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const pending = values.entries()
  let failed = false
  const lane = async () => {
    for (const [index, value] of pending) {
      if (failed) return
      try {
        results[index] = await call(value)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const lanes = Array.from({ length: Math.min(LANES, values.length) }, lane)
  try {
    await Promise.all(lanes)
  } finally {
    await Promise.allSettled(lanes)
  }
  return results
}
