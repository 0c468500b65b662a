import type { PlainAxis } from './plain-plan.ts'

/**
 * How positions of the grid lie on a level, as GDALRasterBand::RasterIOResampled counts them: pixel i starts at
 * (i + shift) · ratio + delta, from level pixel `origin` on. Keeping GDAL's origin keeps its rounding errors.
 */
export interface AxisMap {
  /** Level pixels to a grid pixel. */
  readonly ratio: number
  readonly origin: number
  readonly shift: number
  readonly delta: number
}

/** Grid pixels [start, end), counted from the axis's own first, with the level pixels [from, to) a kernel may use for them. */
export interface Chunk {
  readonly start: number
  readonly end: number
  readonly from: number
  readonly to: number
}

/** A position this near to a whole number of grid pixels is taken for it. */
const WHOLE_OFFSET = 1e-8
/** GDAL resamples at most this many level pixels at once; kernels don't see beyond a chunk's margin. */
const MOST_CHUNK_PIXELS = 1024 * 1024

export function axisMap(axis: PlainAxis): AxisMap {
  const ratio = ratioOf(axis)
  const shift = Math.trunc(axis.offset / ratio + 0.5)
  if (Math.abs(axis.offset / ratio - shift) < WHOLE_OFFSET) return { ratio, origin: 0, shift, delta: 0 }
  return { ratio, origin: axis.wholeOffset, shift: 0, delta: axis.offset - axis.wholeOffset }
}

/** Level pixels a kernel of `radius` may need on each side of a chunk. */
export function marginOf(axis: PlainAxis, radius: number): number {
  return radius * Math.max(1, Math.trunc(0.5 + ratioOf(axis)))
}

/** Level pixels [from, to) that the axis needs for grid pixels [start, end), counted from its own first. */
export function spanOf(
  axis: PlainAxis,
  margin: number,
  { start, end }: Pick<Chunk, 'start' | 'end'>,
): readonly [from: number, to: number] {
  const { from, to } = chunkOf(axis, start, end, margin)
  return [from, to]
}

/** The pieces GDAL cuts a read into; each of `columns` is resampled with each of `rows`. */
export function chunksOf(
  x: PlainAxis,
  y: PlainAxis,
  margins: { readonly x: number; readonly y: number },
  blockWidth: number,
): { readonly columns: readonly Chunk[]; readonly rows: readonly Chunk[] } {
  let width = x.end - x.start
  let height = y.end - y.start
  for (;;) {
    const wide = Math.min(x.limit, 3 + Math.trunc(width * ratioOf(x)))
    const high = Math.min(y.limit, 3 + Math.trunc(height * ratioOf(y)))
    if ((width === 1 && height === 1) || wide * high <= MOST_CHUNK_PIXELS) break
    const wholeRows = wide >= x.wholeSize && x.wholeSize === blockWidth
    if (wholeRows && height > 1) height = Math.trunc(height / 2)
    else if (width > 1 && (wide > high || height === 1)) width = Math.trunc(width / 2)
    else height = Math.trunc(height / 2)
  }
  return { columns: cut(x, width, margins.x), rows: cut(y, height, margins.y) }
}

function cut(axis: PlainAxis, size: number, margin: number): Chunk[] {
  const count = axis.end - axis.start
  const chunks: Chunk[] = []
  for (let start = 0; start < count; start += size) {
    chunks.push(chunkOf(axis, start, Math.min(count, start + size), margin))
  }
  return chunks
}

function chunkOf(axis: PlainAxis, start: number, end: number, margin: number): Chunk {
  const ratio = ratioOf(axis)
  const first = axis.wholeOffset + Math.trunc(start * ratio)
  const last = Math.min(axis.limit, axis.wholeOffset + 1 + Math.ceil(end * ratio))
  return { start, end, from: Math.max(0, first - margin), to: Math.min(axis.limit, last + margin) }
}

function ratioOf(axis: PlainAxis): number {
  return axis.size / (axis.end - axis.start)
}
