import { type DataType, dataTypeRange } from '../raster/data-type.ts'
import { boxesOf } from './resample-box.ts'
import { type ResampleChunk, sourceRow, targetRow } from './resample-job.ts'

/**
 * GDALResampleChunk_Mode: the value most frequent under a grid pixel, among equals the first to reach its count. Bytes are counted
 * without their mask: only nodata is left out.
 */
export function* mode(chunk: ResampleChunk): Generator<void> {
  const { job, columns, rows } = chunk
  const across = boxesOf(chunk.across, columns)
  const down = boxesOf(chunk.down, rows)
  const values = new Float64Array(columns.end - columns.start)
  const pick = job.type === 'uint8' ? bytePicker(chunk) : valuePicker(chunk)
  for (let j = 0; j < rows.end - rows.start; j++) {
    for (let i = 0; i < values.length; i++) {
      values[i] = pick(across.first[i]!, across.end[i]!, down.first[j]!, down.end[j]!)
    }
    job.target.set(values, targetRow(chunk, rows.start + j))
    yield
  }
}

/** The mode of columns [x0, x1) and rows [y0, y1) of a chunk. */
type Picker = (x0: number, x1: number, y0: number, y1: number) => number

function bytePicker(chunk: ResampleChunk): Picker {
  const { source, nodata, place } = chunk.job
  const bytes = source as Uint8Array
  const counts = new Uint32Array(256)
  const skipped = nodata === null ? -1 : nodata
  const origin = sourceRow(chunk, chunk.rows.from)
  return (x0, x1, y0, y1) => {
    counts.fill(0)
    let best = -1
    let most = 0
    for (let y = y0; y < y1; y++) {
      const line = origin + y * place.width
      for (let at = line + x0; at < line + x1; at++) {
        const value = bytes[at]!
        if (value === skipped) continue
        const count = ++counts[value]!
        if (count > most) {
          most = count
          best = value
        }
      }
    }
    return best < 0 ? (nodata ?? 0) : best
  }
}

function valuePicker(chunk: ResampleChunk): Picker {
  const { source, nodata, place, type } = chunk.job
  const { mask } = chunk
  const empty = emptyValue(type, nodata)
  const origin = sourceRow(chunk, chunk.rows.from)
  let values = new Float64Array(64)
  let counts = new Uint32Array(64)
  return (x0, x1, y0, y1) => {
    const pixels = (x1 - x0) * (y1 - y0)
    if (pixels > values.length) {
      values = new Float64Array(pixels)
      counts = new Uint32Array(pixels)
    }
    let known = 0
    let best = 0
    for (let y = y0; y < y1; y++) {
      const line = origin + y * place.width
      for (let at = line + x0; at < line + x1; at++) {
        if (mask !== null && mask[at] === 0) continue
        const value = source[at]!
        let k = 0
        while (k < known && values[k] !== value && !(Number.isNaN(value) && Number.isNaN(values[k]!))) k++
        if (k < known) {
          if (++counts[k]! > counts[best]!) best = k
        } else {
          values[known] = value
          counts[known] = 1
          known++
        }
      }
    }
    return known === 0 ? empty : values[best]!
  }
}

/** GDAL counts signed integers as unsigned ones, whose range a negative nodata value isn't in; neither is NaN in any. */
function emptyValue(type: DataType, nodata: number | null): number {
  if (nodata === null || Number.isNaN(nodata)) return 0
  const [, max] = dataTypeRange[type]
  const unsigned = type === 'int16' || type === 'int32' || type === 'int64'
  return unsigned && (nodata < 0 || nodata > 2 * max + 1) ? 0 : nodata
}
