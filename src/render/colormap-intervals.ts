import { isFloat } from '../raster/cast.ts'
import { type DataType, dataTypeRange } from '../raster/data-type.ts'
import type { Colormap } from '../request/tile-request.ts'
import { type Colorer, packColor } from './packed-color.ts'

type ColorIntervals = Extract<Colormap, { kind: 'intervals' }>['entries']

/** Samples coloured by the last interval that holds them: min ≤ sample < max. */
export function intervalColors(entries: ColorIntervals, type: DataType): Colorer {
  // numpy compares float32 samples with the bounds as float32.
  const bound = type === 'float32' ? Math.fround : (value: number) => value
  const intervals = entries.map(([min, max, color]) => ({ min: bound(min), max: bound(max), color: packColor(color) }))
  const edges = Float64Array.from(new Set(intervals.flatMap(({ min, max }) => [min, max]))).sort()
  // Between two edges there is one colour: that of the lower edge.
  const colors = Uint32Array.from(
    edges,
    (edge) => intervals.findLast(({ min, max }) => min <= edge && edge < max)?.color ?? 0,
  )
  const find = (value: number) => (value >= edges[0]! ? colors[lastAtMost(edges, value)]! : 0)
  const [least, most] = dataTypeRange[type]
  if (isFloat(type) || most - least > 65_535) {
    return (band, found) => {
      for (let i = 0; i < found.length; i++) found[i] = find(band[i]!)
    }
  }
  return (band, found) => {
    const table = Uint32Array.from({ length: most - least + 1 }, (_, index) => find(index + least))
    for (let i = 0; i < found.length; i++) found[i] = table[band[i]! - least]!
  }
}

/** Index of the last edge that is not above the value, which is not below the first. */
function lastAtMost(edges: Float64Array, value: number): number {
  let low = 0
  let high = edges.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (edges[middle]! <= value) low = middle
    else high = middle - 1
  }
  return low
}
