import type { AxisMap, Chunk } from './resample-axis.ts'

/** The level pixels under each grid pixel of an axis, as offsets into a chunk, and how much of the outer two lies under it. */
export interface Boxes {
  readonly first: Int32Array
  /** Past the last. */
  readonly end: Int32Array
  readonly firstWeight: Float64Array
  readonly lastWeight: Float64Array
  /** Two whole pixels each, side by side. */
  readonly isPairs: boolean
}

/** Positions this near to a pixel's edge lie on it. */
const EDGE = 1e-8

/** As GDALResampleChunk_AverageOrRMS and _Mode lay them. */
export function boxesOf({ ratio, origin, shift, delta }: AxisMap, chunk: Chunk): Boxes {
  const count = chunk.end - chunk.start
  const first = new Int32Array(count)
  const end = new Int32Array(count)
  const firstWeight = new Float64Array(count)
  const lastWeight = new Float64Array(count)
  let isPairs = true
  for (let i = 0; i < count; i++) {
    const position = chunk.start + i + shift
    const from = delta + position * ratio
    const to = delta + (position + 1) * ratio
    const low = Math.max(Math.trunc(from + EDGE), chunk.from - origin)
    let high = Math.ceil(to - EDGE)
    if (high === low) high++
    high = Math.min(high, chunk.to - origin)
    first[i] = low + origin - chunk.from
    end[i] = high + origin - chunk.from
    firstWeight[i] = high === low + 1 ? 1 : 1 - (from - low)
    lastWeight[i] = 1 - (high - to)
    isPairs &&= high - low === 2 && (i === 0 || end[i - 1] === first[i])
  }
  return { first, end, firstWeight, lastWeight, isPairs }
}
