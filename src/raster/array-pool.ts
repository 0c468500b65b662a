import { bytesPerSample, type DataType, type TypedArray, viewArray } from './data-type.ts'
import type { Raster } from './raster.ts'

/** Kept for the next tiles: about a hundred bands of 256 × 256 bytes and as many of 512 × 512. */
const MAX_BYTES = 32 * 2 ** 20

const free = new Map<number, ArrayBuffer[]>()
let kept = 0

/**
 * An array of unspecified contents, for a writer that sets every sample. Arrays that were recycled are used first: a tile's half
 * megabyte, made anew, costs page faults and, every thirty tiles, a garbage collection of 12 ms.
 */
export function takeArray(type: DataType, length: number): TypedArray {
  const bytes = length * bytesPerSample(type)
  const buffer = free.get(bytes)?.pop()
  if (buffer === undefined) return viewArray(type, Buffer.allocUnsafeSlow(bytes).buffer, length)
  kept -= bytes
  return viewArray(type, buffer, length)
}

/** As `takeArray`, with zeroes. */
export function takeZeroes(type: DataType, length: number): TypedArray {
  return takeArray(type, length).fill(0)
}

/** Gives arrays back, each once; nobody may look at them again. Parts of larger buffers are left to the garbage collector. */
export function recycle(arrays: Iterable<TypedArray | null>): void {
  const buffers = new Set<ArrayBuffer>()
  for (const array of arrays) {
    if (array?.buffer instanceof ArrayBuffer && array.byteLength === array.buffer.byteLength) buffers.add(array.buffer)
  }
  for (const buffer of buffers) {
    // Full of sizes that nobody takes any more, it starts again.
    if (kept + buffer.byteLength > MAX_BYTES) clear()
    const list = free.get(buffer.byteLength)
    if (list === undefined) free.set(buffer.byteLength, [buffer])
    else list.push(buffer)
    kept += buffer.byteLength
  }
}

function clear(): void {
  free.clear()
  kept = 0
}

/** All arrays of rasters nobody looks at any more; rasters that share arrays must be given together. */
export function recycleRasters(...rasters: readonly Raster[]): void {
  recycle(rasters.flatMap((raster) => [...raster.bands, ...raster.masks]))
}
