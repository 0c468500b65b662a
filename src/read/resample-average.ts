import { type Boxes, boxesOf } from './resample-box.ts'
import { type ResampleChunk, sourceRow, targetRow } from './resample-job.ts'
import { replacementOf, rowRounding } from './resample-rounding.ts'

/** Sums of one grid row: of values (or squares) and of weights; `known` where there was a valid sample. */
interface Sums {
  readonly values: Float64Array
  readonly weights: Float64Array
  readonly known: Uint8Array
}

/**
 * GDALResampleChunk_AverageOrRMS: the mean, or the root of the mean square, of all level pixels under a grid pixel, those at its
 * edges by the share that lies under it. A mask only says yes or no.
 */
export function* average(chunk: ResampleChunk, squared: boolean): Generator<void> {
  const { job, columns, rows, mask } = chunk
  const across = boxesOf(chunk.across, columns)
  const down = boxesOf(chunk.down, rows)
  const width = columns.end - columns.start
  const line = new Float64Array(columns.to - columns.from)
  const lineSums = sumsOf(width)
  const sums = sumsOf(width)
  const finish = finishing(chunk, squared)
  const evenly = across.isPairs && mask === null ? withFullWeights(across) : null
  for (let j = 0; j < rows.end - rows.start; j++) {
    const rowFirst = down.first[j]!
    const rowEnd = down.end[j]!
    const exact = rowEnd - rowFirst === 2 ? evenly : null
    if (exact !== null && !squared && job.type === 'float32') averagePairs(chunk, exact, rowFirst, sums.values)
    else {
      clear(sums)
      for (let row = rowFirst; row < rowEnd; row++) {
        const from = sourceRow(chunk, rows.from + row)
        line.set(job.source.subarray(from, from + line.length))
        if (squared) for (let i = 0; i < line.length; i++) line[i]! *= line[i]!
        const weight = row === rowFirst ? down.firstWeight[j]! : row === rowEnd - 1 ? down.lastWeight[j]! : 1
        if (mask === null) sumLine(line, exact ?? across, lineSums.values)
        else sumMaskedLine(line, mask.subarray(from, from + line.length), across, lineSums)
        add(lineSums, exact === null ? weight : 1, sums)
      }
      if (mask === null) weighAll(exact ?? across, exact === null ? lengthOf(down, j) : 2, sums)
      finish(sums)
    }
    job.target.set(sums.values, targetRow(chunk, rows.start + j))
    yield
  }
}

/** Where all is valid GDAL multiplies lengths instead of adding up weights; the last bit decides ties. */
function weighAll(across: Boxes, height: number, { weights, known }: Sums): void {
  known.fill(1)
  for (let i = 0; i < weights.length; i++) weights[i] = lengthOf(across, i) * height
}

/** Level pixels that lie under grid pixel `i`. */
function lengthOf({ first, end, firstWeight, lastWeight }: Boxes, i: number): number {
  const count = end[i]! - first[i]!
  return count < 2 ? firstWeight[i]! : firstWeight[i]! + (count - 2) + lastWeight[i]!
}

/** Two by two, GDAL adds without weights: none of their rounding errors may decide a tie. */
function withFullWeights(boxes: Boxes): Boxes {
  const full = new Float64Array(boxes.first.length).fill(1)
  return { ...boxes, firstWeight: full, lastWeight: full }
}

function sumsOf(length: number): Sums {
  return { values: new Float64Array(length), weights: new Float64Array(length), known: new Uint8Array(length) }
}

function clear({ values, weights, known }: Sums): void {
  values.fill(0)
  weights.fill(0)
  known.fill(0)
}

function sumLine(line: Float64Array, { first, end, firstWeight, lastWeight }: Boxes, values: Float64Array): void {
  for (let i = 0; i < first.length; i++) {
    const last = end[i]! - 1
    let sum = line[first[i]!]! * firstWeight[i]!
    for (let t = first[i]! + 1; t < last; t++) sum += line[t]!
    if (last > first[i]!) sum += line[last]! * lastWeight[i]!
    values[i] = sum
  }
}

function sumMaskedLine(
  line: Float64Array,
  mask: Uint8Array,
  { first, end, firstWeight, lastWeight }: Boxes,
  { values, weights, known }: Sums,
): void {
  for (let i = 0; i < first.length; i++) {
    const last = end[i]! - 1
    let sum = 0
    let total = 0
    let any = 0
    for (let t = first[i]!; t <= last; t++) {
      if (mask[t] === 0) continue
      const weight = t === first[i]! ? firstWeight[i]! : t === last ? lastWeight[i]! : 1
      sum += line[t]! * weight
      total += weight
      any = 1
    }
    values[i] = sum
    weights[i] = total
    known[i] = any
  }
}

function add(line: Sums, weight: number, sums: Sums): void {
  const { values, weights, known } = sums
  for (let i = 0; i < values.length; i++) {
    values[i]! += line.values[i]! * weight
    weights[i]! += line.weights[i]! * weight
    known[i]! |= line.known[i]!
  }
}

/** Sums to stored values, in place. */
function finishing({ job: { type, nodata } }: ResampleChunk, squared: boolean): (sums: Sums) => void {
  const empty = nodata ?? 0
  const round = rowRounding(type, null, null)
  const replacement = nodata === null ? 0 : replacementOf(nodata, type)
  const ownRounding = type === 'uint8' || type === 'uint16'
  const single = type === 'int8' || type === 'int16' || type === 'float32'
  return ({ values, weights, known }) => {
    for (let i = 0; i < values.length; i++) {
      const mean = values[i]! / weights[i]!
      let value = squared ? Math.sqrt(mean) : mean
      if (ownRounding) value = squared ? integerRoot(value, mean) : Math.floor(mean + 0.5)
      else if (single) value = Math.fround(value)
      values[i] = value === nodata ? replacement : value
    }
    if (!ownRounding) round(values)
    for (let i = 0; i < values.length; i++) if (known[i] === 0) values[i] = empty
  }
}

/** Of both whole numbers around the root, the one whose square is nearer (ComputeIntegerRMS). */
function integerRoot(root: number, square: number): number {
  const whole = Math.floor(root)
  return 2 * whole * (whole + 1) + 1 < 2 * square ? whole + 1 : whole
}

/** Two by two of a float32 file: GDAL then computes in single precision, four grid pixels at a time. */
function averagePairs(chunk: ResampleChunk, { first }: Boxes, row: number, values: Float64Array): void {
  const { source, place } = chunk.job
  const at = sourceRow(chunk, chunk.rows.from + row)
  const grouped = first.length & ~3
  for (let i = 0; i < first.length; i++) {
    const above = at + first[i]!
    const below = above + place.width
    const [a, b] = [source[above]! * 0.25, source[above + 1]! * 0.25]
    const [c, d] = [source[below]! * 0.25, source[below + 1]! * 0.25]
    values[i] =
      i < grouped
        ? Math.fround(Math.fround(a + c) + Math.fround(b + d))
        : Math.fround(Math.fround(Math.fround(a + b) + c) + d)
  }
}
