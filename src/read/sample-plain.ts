import { recycle, takeZeroes } from '../raster/array-pool.ts'
import type { TypedArray } from '../raster/data-type.ts'
import { Turns } from '../turns.ts'
import { type DatasetFacts, paletteOf, type Size } from './dataset-facts.ts'
import { gather } from './gather.ts'
import { separableIndexOf } from './nearest-index.ts'
import { nearestPixels, type PlainAxis, type PlainPart, type PlainPlan } from './plain-plan.ts'
import type { PlainBlock, PlainBlocks } from './plain-read.ts'
import { blankBand, rasterType, type Sampled } from './raster-assembly.ts'
import type { ReadTarget } from './read-plan.ts'
import type { Grid } from './reader.ts'
import { resample } from './resample.ts'
import type { ComputedResampling } from './resample-job.ts'
import type { Window } from './source-window.ts'
import type { Range } from './unit-lines.ts'
import { differing, rescaledAlpha } from './validity.ts'

/** As `samplePlain`, pass by pass: for reads that don't fit in memory at once. */
export async function samplePlainPasses(
  plan: PlainPlan,
  passes: readonly PlainPlan[],
  facts: DatasetFacts,
  target: ReadTarget,
  read: (pass: PlainPlan) => Promise<PlainBlocks>,
): Promise<Sampled> {
  const nothing: PlainBlocks = { first: null, others: null, mask: null }
  // Without blocks: what the plan covers, and blank samples.
  const all = await samplePlain(plan, facts, target, nothing, plan.grid)
  for (const pass of passes) await samplePlain(pass, facts, target, await read(pass), plan.grid, all)
  return all
}

/** Places what was read of a file in the grid's own reference system on the grid, on top of what may be there already. */
export async function samplePlain(
  plan: PlainPlan,
  facts: DatasetFacts,
  target: ReadTarget,
  blocks: PlainBlocks,
  grid: Grid,
  before: Sampled | null = null,
): Promise<Sampled> {
  const place = new Placement(facts, grid)
  const apart = plan.first !== plan.others
  const bands: TypedArray[] = []
  const put = async (part: PlainPart | null, block: PlainBlock | null, index: number): Promise<void> => {
    const band = before?.bands[bands.length] ?? blankBand(facts, target, grid)
    if (part !== null && block !== null) await place.band(part, block, block.bands[index]!, band)
    bands.push(band)
  }
  for (let i = 0; i < target.bands.length; i++) {
    if (apart && i === 0) await put(plan.first, blocks.first, 0)
    else await put(plan.others, blocks.others, apart ? i - 1 : i)
  }
  if (before !== null) {
    await place.masks(plan, blocks, target, before.mask)
    return before
  }
  const covered = place.coverage(plan.others)
  const coveredFirst = apart ? place.coverage(plan.first) : covered
  if (target.mask?.kind === 'alpha') {
    const alpha = takeZeroes(rasterType(facts), grid.width * grid.height)
    await place.masks(plan, blocks, target, alpha)
    return { bands, mask: alpha, covered, coveredFirst }
  }
  if (target.mask?.kind === 'dataset') {
    const mask = takeZeroes('uint8', grid.width * grid.height) as Uint8Array
    await place.masks(plan, blocks, target, mask)
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

  /** What else than the bands says which samples are valid, into `into`. */
  async masks(plan: PlainPlan, blocks: PlainBlocks, { mask }: ReadTarget, into: TypedArray | null): Promise<void> {
    if (mask === null || into === null) return
    if (mask.kind === 'alpha') {
      if (plan.others !== null && blocks.others?.alpha) await this.#alpha(plan.others, blocks.others, into)
    } else if (plan.mask !== null && blocks.mask !== null) {
      await this.#mask(plan.mask, blocks.mask, into as Uint8Array)
    }
  }

  /** Nothing weighs the alpha band itself, and it is resampled apart from the others. */
  async #alpha(part: PlainPart, block: PlainBlock, alpha: TypedArray): Promise<void> {
    const samples = block.alpha!
    if (part.kernel === 'nearest') return this.#nearest(part, block.window, samples, alpha)
    await this.#resample({ ...part, sharedMargin: false }, block.window, samples, null, alpha, false)
  }

  async #mask(part: PlainPart, samples: Uint8Array, mask: Uint8Array): Promise<void> {
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
    const picked = (axis: PlainAxis, steps: PlainPart['steps'], range: Range | undefined) => ({
      start: axis.start + (range?.start ?? 0),
      pixels: nearestPixels(axis, steps).subarray(range?.start, range?.end),
    })
    const columns = picked(part.x, part.steps, part.pass?.columns)
    const rows = picked(part.y, 'multiplied', part.pass?.rows)
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
        pass: part.pass,
        palette: isData && !part.sharedMargin ? paletteOf(facts, part.level) : null,
        target,
        size: this.#grid,
      },
      this.#turns,
    )
  }
}
