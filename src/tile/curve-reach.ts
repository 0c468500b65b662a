/**
 * Least and greatest value of a smooth curve through `count` values of a list, `step` apart from `start` on. Between two points that differ
 * by d, a parabola of second difference s turns where d < s/2, and exceeds them by (s/2 − d)²/2s; s is taken half as large again, as curves are
 * no parabolas. Where the curve does not turn, the answer is exact.
 */
export function curveReach(
  values: ArrayLike<number>,
  start: number,
  step: number,
  count: number,
): readonly [number, number] {
  const at = (i: number) => values[start + i * step]!
  const bend = (i: number) => (i > 0 && i < count - 1 ? Math.abs(at(i + 1) - 2 * at(i) + at(i - 1)) : 0)
  let [least, greatest] = [at(0), at(0)]
  for (let i = 1; i < count; i++) {
    const [before, here] = [at(i - 1), at(i)]
    const most = 1.5 * Math.max(bend(i - 1), bend(i))
    const turn = most / 2 - Math.abs(here - before)
    const more = turn > 0 ? (turn * turn) / (2 * most) : 0
    least = Math.min(least, before - more, here - more)
    greatest = Math.max(greatest, before + more, here + more)
  }
  return [least, greatest]
}
