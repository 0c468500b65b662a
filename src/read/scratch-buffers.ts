import { bytesPerSample, type DataType, type TypedArray, viewArray } from '../raster/data-type.ts'

/** Buffers above this are made and dropped; a window is rarely a tenth of it. */
const LARGEST_KEPT = 8 * 2 ** 20

/**
 * Memory for source windows, used again and again: a fresh 160 KB array costs more in page faults (0.08 ms) than GDAL's copy
 * into it. Contents are whatever the last user left.
 */
export class ScratchBuffers {
  readonly #free = new Map<number, ArrayBuffer[]>()
  readonly #maxBytes: number
  #kept = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** An array of `length` samples with unspecified contents. */
  take(type: DataType, length: number): TypedArray {
    const bytes = length * bytesPerSample(type)
    const size = sizeClass(bytes)
    const buffer = this.#free.get(size)?.pop()
    if (buffer !== undefined) this.#kept -= size
    return viewArray(type, buffer ?? new ArrayBuffer(size), length)
  }

  /** Takes an array back; the caller must not touch it again. */
  give(array: TypedArray): void {
    const buffer = array.buffer
    const size = buffer.byteLength
    if (!(buffer instanceof ArrayBuffer) || size > LARGEST_KEPT || this.#kept + size > this.#maxBytes) return
    const list = this.#free.get(size)
    if (list === undefined) this.#free.set(size, [buffer])
    else list.push(buffer)
    this.#kept += size
  }
}

/** Next power of two, at least 4 KiB. */
function sizeClass(bytes: number): number {
  return Math.max(4096, 2 ** Math.ceil(Math.log2(bytes)))
}
