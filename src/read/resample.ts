import { Turns } from '../turns.ts'
import { average } from './resample-average.ts'
import { axisMap, type Chunk, chunksOf, marginOf } from './resample-axis.ts'
import { convolve } from './resample-convolution.ts'
import { gauss } from './resample-gauss.ts'
import { type ResampleChunk, type ResampleJob, sourceRow, targetRow } from './resample-job.ts'
import { isConvolution, resampleRadius } from './resample-kernel.ts'
import { mode } from './resample-mode.ts'
import { mixColors } from './resample-palette.ts'
import type { Range } from './unit-lines.ts'

/** RasterIO's resampling of one band (GDALRasterBand::RasterIOResampled). It takes turns with other work on the event loop. */
export async function resample(job: ResampleJob, turns = new Turns()): Promise<void> {
  for (const _ of steps(job)) if (turns.isLong) await turns.next()
}

function* steps(job: ResampleJob): Generator<void> {
  const across = axisMap(job.x)
  const down = axisMap(job.y)
  const { columns, rows } = chunksOf(job.x, job.y, margins(job), job.blockWidth)
  for (const row of rows) {
    if (!isIn(row, job.pass?.rows)) continue
    for (const column of columns) {
      if (!isIn(column, job.pass?.columns)) continue
      const chunk = { job, across, down, columns: column, rows: row, mask: job.mask }
      const validity = job.mask === null ? 'even' : validityOf(chunk, job.mask)
      if (validity === 'none') fill(chunk, job.nodata ?? 0)
      else yield* resampleChunk(validity === 'even' ? { ...chunk, mask: null } : chunk)
    }
  }
}

function isIn({ start }: Chunk, range: Range | undefined): boolean {
  return range === undefined || (start >= range.start && start < range.end)
}

/** Bands that GDAL resamples together share the larger margin. */
export function margins({ kernel, x, y, sharedMargin }: Pick<ResampleJob, 'kernel' | 'x' | 'y' | 'sharedMargin'>) {
  const [marginX, marginY] = [marginOf(x, resampleRadius[kernel]), marginOf(y, resampleRadius[kernel])]
  const shared = Math.max(marginX, marginY)
  return sharedMargin ? { x: shared, y: shared } : { x: marginX, y: marginY }
}

function resampleChunk(chunk: ResampleChunk): Generator<void> {
  const { kernel, palette } = chunk.job
  if (isConvolution(kernel)) return convolve(chunk, kernel)
  if (kernel === 'mode') return mode(chunk)
  if (palette !== null) return mixColors(chunk, palette)
  return kernel === 'gauss' ? gauss(chunk) : average(chunk, kernel === 'rms')
}

/** A mask of one value throughout is none: nothing counts, or everything alike. */
function validityOf(chunk: ResampleChunk, mask: Uint8Array): 'none' | 'even' | 'mixed' {
  const { columns, rows } = chunk
  const first = mask[sourceRow(chunk, rows.from)]!
  for (let row = rows.from; row < rows.to; row++) {
    const from = sourceRow(chunk, row)
    for (let at = from; at < from + columns.to - columns.from; at++) if (mask[at] !== first) return 'mixed'
  }
  return first === 0 ? 'none' : 'even'
}

function fill(chunk: ResampleChunk, value: number): void {
  const { job, columns, rows } = chunk
  for (let row = rows.start; row < rows.end; row++) {
    const at = targetRow(chunk, row)
    job.target.fill(value, at, at + columns.end - columns.start)
  }
}
