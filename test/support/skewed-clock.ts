/**
 * For `node --import`: this process's clock is ahead by CLOCK_SKEW_MS (behind when negative). What it asks of the monotonic clock and its
 * timers are as they are, as on a machine whose time is set wrong.
 */
const skew = Number(process.env.CLOCK_SKEW_MS ?? 0)
const RealDate = Date

class SkewedDate extends RealDate {
  constructor(...parts: [] | ConstructorParameters<typeof Date>) {
    if (parts.length === 0) super(RealDate.now() + skew)
    else super(...parts)
  }

  static override now(): number {
    return RealDate.now() + skew
  }
}

globalThis.Date = SkewedDate as DateConstructor
