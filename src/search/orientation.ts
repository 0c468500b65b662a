/** Forward error bound of the determinant in doubles: (3 + 16ε)ε with ε = 2⁻⁵³ (Shewchuk 1997, «Adaptive Precision», ccwerrboundA). */
const ERROR_BOUND = 3.3306690738754716e-16

/**
 * Positive when a → b → c turns left, negative when it turns right, 0 exactly when the three are on one line. The sign is exact, as
 * that of PostGIS is (GEOS computes it in double-doubles); the magnitude is not.
 */
export function orientation(ax: number, ay: number, bx: number, by: number, cx: number, cy: number): number {
  const left = (ax - cx) * (by - cy)
  const right = (ay - cy) * (bx - cx)
  const determinant = left - right
  const bound = ERROR_BOUND * (Math.abs(left) + Math.abs(right))
  if (determinant > bound || -determinant > bound) return determinant
  return exactSign(ax, ay, bx, by, cx, cy)
}

function exactSign(ax: number, ay: number, bx: number, by: number, cx: number, cy: number): number {
  const [x, y] = [fixedPoint(cx), fixedPoint(cy)]
  const determinant = (fixedPoint(ax) - x) * (fixedPoint(by) - y) - (fixedPoint(ay) - y) * (fixedPoint(bx) - x)
  return determinant > 0n ? 1 : determinant < 0n ? -1 : 0
}

const scratch = new DataView(new ArrayBuffer(8))
const FRACTION_BITS = 52n

/** value · 2¹⁰⁷⁴, which is a whole number for every double (IEEE 754: the smallest step is 2⁻¹⁰⁷⁴). */
function fixedPoint(value: number): bigint {
  scratch.setFloat64(0, value)
  const bits = scratch.getBigUint64(0)
  const exponent = (bits >> FRACTION_BITS) & 0x7ffn
  const fraction = bits & ((1n << FRACTION_BITS) - 1n)
  const magnitude = exponent === 0n ? fraction : (fraction | (1n << FRACTION_BITS)) << (exponent - 1n)
  return value < 0 ? -magnitude : magnitude
}
