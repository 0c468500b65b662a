import { recycle, takeZeroes } from '../raster/array-pool.ts'
import type { TypedArray } from '../raster/data-type.ts'
import { Turns } from '../turns.ts'
import { type DatasetFacts, paletteOf, type Size } from './dataset-facts.ts'
import { gather } from './gather.ts'
import { separableIndexOf } from './nearest-index.ts'
import { nearestPixels, type PlainPart, type PlainPlan } from './plain-plan.ts'
import type { PlainBlock, PlainBlocks } from './plain-read.ts'
import { blankBand, rasterType, type Sampled } from './raster-assembly.ts'
import type { ReadTarget } from './read-plan.ts'
import type { Grid } from './reader.ts'
import { resample } from './resample.ts'
import type { ComputedResampling } from './resample-job.ts'
import type { Window } from './source-window.ts'
import { differing, rescaledAlpha } from './validity.ts'

/** Places what was read of a file in the grid's own reference system on the grid. */
export async function samplePlain(
  plan: PlainPlan,
  facts: DatasetFacts,
  target: ReadTarget,
  blocks: PlainBlocks,
  grid: Grid,
): Promise<Sampled> {
  const place = new Placement(facts, grid)
  const apart = plan.first !== plan.others
  const bands: TypedArray[] = []
  const put = async (part: PlainPart | null, block: PlainBlock | null, index: number): Promise<void> => {
    const band = blankBand(facts, target, grid)
    if (part !== null && block !== null) await place.band(part, block, block.bands[index]!, band)
    bands.push(band)
  }
  for (let i = 0; i < target.bands.length; i++) {
    if (apart && i === 0) await put(plan.first, blocks.first, 0)
    else await put(plan.others, blocks.others, apart ? i - 1 : i)
  }
  const covered = place.coverage(plan.others)
  const coveredFirst = apart ? place.coverage(plan.first) : covered
  if (target.mask?.kind === 'alpha') {
    const alpha = takeZeroes(rasterType(facts), grid.width * grid.height)
    if (plan.others !== null && blocks.others?.alpha) await place.alpha(plan.others, blocks.others, alpha)
    return { bands, mask: alpha, covered, coveredFirst }
  }
  if (target.mask?.kind === 'dataset') {
    const mask = takeZeroes('uint8', grid.width * grid.height) as Uint8Array
    if (plan.mask !== null && blocks.mask !== null) await place.mask(plan.mask, blocks.mask, mask)
    return { bands, mask, covered: null, coveredFirst: null }
  }
  return { bands, mask: null, covered, coveredFirst }
}

/** Puts samples of one file on one grid. */
class Placement {
  readonly #facts: DatasetFacts
  readonly #grid: Size
  readonly #turns = new Turns()

  constructor(facts: DatasetFacts, grid: Size) {
    this.#facts = facts
    this.#grid = grid
  }

  async band(part: PlainPart, block: PlainBlock, samples: TypedArray, band: TypedArray): Promise<void> {
    if (part.kernel === 'nearest') return this.#nearest(part, block.window, samples, band)
    const { kernelMask, nodata } = this.#facts
    const own = kernelMask === 'nodata' && nodata !== null ? differing(samples, nodata) : null
    const alpha = kernelMask === 'alpha' && block.alpha !== null ? rescaledAlpha(block.alpha) : null
    await this.#resample(part, block.window, samples, own ?? alpha ?? block.mask, band, true)
    if (own !== null) recycle([own])
    if (alpha !== null && alpha !== block.alpha) recycle([alpha])
  }

  /** Nothing weighs the alpha band itself, and it is resampled apart from the others. */
  async alpha(part: PlainPart, block: PlainBlock, alpha: TypedArray): Promise<void> {
    const samples = block.alpha!
    if (part.kernel === 'nearest') return this.#nearest(part, block.window, samples, alpha)
    await this.#resample({ ...part, sharedMargin: false }, block.window, samples, null, alpha, false)
  }

  async mask(part: PlainPart, samples: Uint8Array, mask: Uint8Array): Promise<void> {
    if (part.kernel === 'nearest') return this.#nearest(part, part.window, samples, mask)
    await this.#resample(part, part.window, samples, null, mask, false)
  }

  /** 255 where the part reaches, null when that is everywhere. */
  coverage(part: PlainPart | null): Uint8Array | null {
    const { width, height } = this.#grid
    if (part === null) return takeZeroes('uint8', width * height) as Uint8Array
    const { x, y } = part
    if (x.end - x.start === width && y.end - y.start === height) return null
    const covered = takeZeroes('uint8', width * height) as Uint8Array
    for (let row = y.start; row < y.end; row++) covered.fill(255, row * width + x.start, row * width + x.end)
    return covered
  }

  #nearest(part: PlainPart, block: Window, samples: TypedArray, target: TypedArray): void {
    const { width, height } = this.#grid
    const columns = { start: part.x.start, pixels: nearestPixels(part.x, part.steps) }
    const rows = { start: part.y.start, pixels: nearestPixels(part.y, 'multiplied') }
    gather(separableIndexOf(columns, rows, block, { width, height }), samples, target)
  }

  async #resample(
    part: PlainPart,
    block: Window,
    source: TypedArray,
    mask: Uint8Array | null,
    target: TypedArray,
    isData: boolean,
  ): Promise<void> {
    const { facts } = { facts: this.#facts }
    const bits = facts.bands[0]?.bits ?? null
    await resample(
      {
        kernel: part.kernel as ComputedResampling,
        source,
        mask,
        place: block,
        x: part.x,
        y: part.y,
        sharedMargin: part.sharedMargin,
        blockWidth: facts.blockSize.width,
        type: isData ? rasterType(facts) : target instanceof Uint8Array ? 'uint8' : rasterType(facts),
        nodata: isData && !part.sharedMargin ? facts.nodata : null,
        most:
          isData && bits !== null && bits < 32 && facts.bands[0]!.dataType.startsWith('uint') ? 2 ** bits - 1 : null,
        palette: isData && !part.sharedMargin ? paletteOf(facts, part.level) : null,
        target,
        size: this.#grid,
      },
      this.#turns,
    )
  }
}
