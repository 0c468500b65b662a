/**
 * Median of the first `count` values, the mean of the middle two for an even number; NaN when one of them is. It orders the
 * values anew (Hoare's selection: time in proportion to their number).
 */
export function medianOf(values: Float64Array, count: number): number {
  for (let i = 0; i < count; i++) if (Number.isNaN(values[i]!)) return Number.NaN
  const middle = count >> 1
  const upper = select(values, count, middle)
  if (count % 2 === 1) return upper
  let lower = values[0]!
  for (let i = 1; i < middle; i++) if (values[i]! > lower) lower = values[i]!
  return (lower + upper) / 2
}

/** The value that has `rank` others before it in ascending order; afterwards those others stand before it. */
function select(values: Float64Array, count: number, rank: number): number {
  let low = 0
  let high = count - 1
  while (low < high) {
    const pivot = values[(low + high) >> 1]!
    let i = low
    let j = high
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i > j) break
      const swapped = values[i]!
      values[i++] = values[j]!
      values[j--] = swapped
    }
    if (rank <= j) high = j
    else if (rank >= i) low = i
    else break
  }
  return values[rank]!
}
