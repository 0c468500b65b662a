import type { TypedArray } from '../raster/data-type.ts'
import type { OpenDataset } from './open-dataset.ts'
import type { ScratchBuffers } from './scratch-buffers.ts'
import type { Window } from './source-window.ts'

/** Windows up to this size are read band by band from GDAL's cache on the event loop; it holds them all at once. */
const MAX_CACHED_READ_BYTES = 4 * 2 ** 20

/** Reads windows of a leased file into scratch arrays, which go back with `release`. */
export class BlockReader {
  readonly #dataset: OpenDataset
  readonly #scratch: ScratchBuffers
  readonly #signal: AbortSignal
  readonly #taken: TypedArray[] = []

  constructor(dataset: OpenDataset, scratch: ScratchBuffers, signal: AbortSignal) {
    this.#dataset = dataset
    this.#scratch = scratch
    this.#signal = signal
  }

  /** One band after another: GDAL serves one operation of a file at a time. */
  async bands(level: number, window: Window, bands: readonly number[]): Promise<TypedArray[]> {
    const { facts } = this.#dataset
    const arrays: TypedArray[] = []
    for (const band of bands) {
      const array = this.#take(facts.bands[band - 1]!.dataType, window)
      const bytes = array.byteLength * facts.bands.length
      const cached = arrays.length > 0 && facts.pixelInterleaved && bytes <= MAX_CACHED_READ_BYTES
      if (cached) this.#dataset.readCached(level, band, window, array)
      else await this.#dataset.read(level, band, window, array)
      this.#signal.throwIfAborted()
      arrays.push(array)
    }
    return arrays
  }

  /** The mask that all bands share; `level` counts the mask's own overviews. */
  async mask(level: number, window: Window): Promise<Uint8Array> {
    const array = this.#take('uint8', window) as Uint8Array
    await this.#dataset.readMask(level, window, array)
    this.#signal.throwIfAborted()
    return array
  }

  /** Nobody may look at the arrays again. */
  release(): void {
    for (const array of this.#taken.splice(0)) this.#scratch.give(array)
  }

  #take(type: Parameters<ScratchBuffers['take']>[0], { width, height }: Window): TypedArray {
    const array = this.#scratch.take(type, width * height)
    this.#taken.push(array)
    return array
  }
}
