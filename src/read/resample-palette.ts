import { boxesOf } from './resample-box.ts'
import { gaussTaps, gaussWeights } from './resample-gauss.ts'
import { type Palette, type ResampleChunk, sourceRow, targetRow } from './resample-job.ts'

/**
 * Average, rms and gauss of a file with a palette: of the colours, all level pixels under a grid pixel counting alike (gauss: by
 * weight); transparent entries don't count, and neither does nodata. The result is the entry nearest to the mean colour.
 */
export function* mixColors(chunk: ResampleChunk, palette: Palette): Generator<void> {
  const { job, columns, rows } = chunk
  const { colors, missing } = opaqueColors(palette, job.nodata)
  const weights = job.kernel === 'gauss' ? gaussWeights(chunk) : null
  const across = weights ? gaussTaps(chunk.across, columns, weights.length) : boxesOf(chunk.across, columns)
  const down = weights ? gaussTaps(chunk.down, rows, weights.length) : boxesOf(chunk.down, rows)
  const skippedAcross = 'skipped' in across ? across.skipped : null
  const skippedDown = 'skipped' in down ? down.skipped : null
  const squared = job.kernel === 'rms'
  const nearest = new Map<number, number>()
  const values = new Float64Array(columns.end - columns.start)
  for (let j = 0; j < rows.end - rows.start; j++) {
    for (let i = 0; i < values.length; i++) {
      let [red, green, blue, total] = [0, 0, 0, 0]
      for (let row = down.first[j]!; row < down.end[j]!; row++) {
        const line = sourceRow(chunk, rows.from + row)
        const weightDown = weights === null ? 1 : weights[row - down.first[j]! + skippedDown![j]!]!
        for (let t = across.first[i]!; t < across.end[i]!; t++) {
          const at = job.source[line + t]! * 4
          if (!(at >= 0 && at < colors.length) || colors[at + 3] === 0) continue
          const weight = weights === null ? 1 : weights[t - across.first[i]! + skippedAcross![i]!]! * weightDown
          red += (squared ? colors[at]! ** 2 : colors[at]!) * weight
          green += (squared ? colors[at + 1]! ** 2 : colors[at + 1]!) * weight
          blue += (squared ? colors[at + 2]! ** 2 : colors[at + 2]!) * weight
          total += weight
        }
      }
      const mean = squared ? rootMean : wholeMean
      values[i] =
        total === 0 ? missing : nearestEntry(colors, nearest, mean(red, total), mean(green, total), mean(blue, total))
    }
    job.target.set(values, targetRow(chunk, rows.start + j))
    yield
  }
}

/** The palette with the entry that stands for nodata made transparent, and that entry. */
function opaqueColors(palette: Palette, nodata: number | null) {
  const colors = Uint8Array.from(palette)
  if (nodata !== null) {
    if (nodata >= 0 && nodata * 4 < colors.length) colors[Math.trunc(nodata) * 4 + 3] = 0
    return { colors, missing: nodata }
  }
  for (let at = 3; at < colors.length; at += 4) if (colors[at] === 0) return { colors, missing: (at - 3) / 4 }
  return { colors, missing: 0 }
}

function wholeMean(sum: number, total: number): number {
  return Math.floor((sum + Math.floor(total / 2)) / total)
}

function rootMean(sum: number, total: number): number {
  return Math.floor(Math.sqrt(Math.floor(sum / total)) + 0.5)
}

function nearestEntry(
  colors: Uint8Array,
  known: Map<number, number>,
  red: number,
  green: number,
  blue: number,
): number {
  const key = (red << 16) | (green << 8) | blue
  const found = known.get(key)
  if (found !== undefined) return found
  let least = Number.POSITIVE_INFINITY
  let best = 0
  for (let at = 0; at < colors.length; at += 4) {
    if (colors[at + 3] === 0) continue
    const distance = (red - colors[at]!) ** 2 + (green - colors[at + 1]!) ** 2 + (blue - colors[at + 2]!) ** 2
    if (distance < least) {
      least = distance
      best = at / 4
    }
  }
  known.set(key, best)
  return best
}
