import type { DataType, TypedArray } from '../raster/data-type.ts'

/** numpy.histogram's bins: so many of equal width over a range (of the values when null), or edges. */
export type HistogramBins =
  | { readonly kind: 'count'; readonly count: number; readonly range: readonly [min: number, max: number] | null }
  | { readonly kind: 'edges'; readonly edges: readonly number[] }

/** Counts and edges, one edge more than counts. */
export type Histogram = readonly [counts: readonly number[], edges: readonly number[]]

/** Values per bin: from its lower edge on and below its upper one, which only the last bin includes. Others are left out. */
export function histogramOf(
  values: TypedArray,
  extremes: readonly [min: number, max: number] | null,
  type: DataType,
  bins: HistogramBins,
): Histogram {
  const edges = bins.kind === 'edges' ? bins.edges : equalEdges(extremes, type, bins.count, bins.range)
  const last = edges.length - 2
  const counts = Array<number>(last + 1).fill(0)
  const [first, end] = [edges[0]!, edges[last + 1]!]
  const scale = (last + 1) / (end - first)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (value < first || value > end) continue
    // Near at once where the bins are equal; elsewhere from the middle.
    let bin = bins.kind === 'count' ? Math.min(last, Math.trunc((value - first) * scale)) : findBin(edges, value)
    while (bin > 0 && value < edges[bin]!) bin--
    while (bin < last && value >= edges[bin + 1]!) bin++
    counts[bin]!++
  }
  return [counts, edges]
}

/** The last bin whose lower edge the value reaches. */
function findBin(edges: readonly number[], value: number): number {
  let [low, high] = [0, edges.length - 2]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (edges[middle]! <= value) low = middle
    else high = middle - 1
  }
  return low
}

/**
 * numpy.linspace over the range. The edges of single-precision values are of single precision: each step of it where the range is the
 * values' own, the result alone where it was given.
 */
function equalEdges(
  extremes: readonly [number, number] | null,
  type: DataType,
  count: number,
  range: readonly [number, number] | null,
): number[] {
  let [min, max] = range ?? extremes ?? [0, 1]
  if (min === max) {
    min -= 0.5
    max += 0.5
  }
  const single = type === 'float32'
  const stepwise = single && range === null && extremes !== null
  const round = stepwise ? Math.fround : (value: number) => value
  const step = round(round(max - min) / count)
  const edges = Array.from({ length: count + 1 }, (_, index) => round(round(index * step) + min))
  edges[count] = max
  return single ? edges.map(Math.fround) : edges
}
