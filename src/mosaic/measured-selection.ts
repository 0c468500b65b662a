import type { Raster } from '../raster/raster.ts'
import type { PixelSelection } from './pixel-selection.ts'

/** A pixel selection that knows how many rasters it was fed, and how long it has worked on them: its feeds lie between the reads. */
export class MeasuredSelection implements PixelSelection {
  readonly #selection: PixelSelection
  fed = 0
  milliseconds = 0

  constructor(selection: PixelSelection) {
    this.#selection = selection
  }

  feed(raster: Raster): void {
    const started = performance.now()
    this.#selection.feed(raster)
    this.milliseconds += performance.now() - started
    this.fed++
  }

  get needsAll(): boolean {
    return this.#selection.needsAll
  }

  get isDone(): boolean {
    return this.#selection.isDone
  }

  result(): ReturnType<PixelSelection['result']> {
    return this.#selection.result()
  }
}
