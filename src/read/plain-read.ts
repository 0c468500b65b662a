import type { TypedArray } from '../raster/data-type.ts'
import type { BlockReader } from './block-reader.ts'
import type { DatasetFacts, Size } from './dataset-facts.ts'
import type { PlainPart, PlainPlan } from './plain-plan.ts'
import type { ReadTarget } from './read-plan.ts'
import type { Window } from './source-window.ts'

/** The pixels of one part of a plan. */
export interface PlainBlock {
  readonly window: Window
  readonly bands: readonly TypedArray[]
  /** The file's alpha band, if the target wants it or the kernel weighs by it. */
  readonly alpha: TypedArray | null
  /** The file's mask, if the kernel weighs by it. */
  readonly mask: Uint8Array | null
}

/** What a plan's parts read, in its order; null where a part has nothing to give. */
export interface PlainBlocks {
  /** Of the first band alone, where the plan reads it apart. */
  readonly first: PlainBlock | null
  readonly others: PlainBlock | null
  readonly mask: Uint8Array | null
}

/** Reads what a plan needs of the leased file. */
export async function readPlainBlocks(
  reader: BlockReader,
  facts: DatasetFacts,
  target: ReadTarget,
  plan: PlainPlan,
): Promise<PlainBlocks> {
  const apart = plan.first !== plan.others
  const bands = apart ? target.bands.slice(1) : target.bands
  const first = apart && plan.first ? await readPart(reader, facts, plan.first, target.bands.slice(0, 1), null) : null
  const wanted = target.mask?.kind === 'alpha' ? target.mask.band : null
  const needed = bands.length > 0 || wanted !== null
  const others = plan.others && needed ? await readPart(reader, facts, plan.others, bands, wanted) : null
  const mask = plan.mask && (await readMask(reader, plan, others))
  return { first, others, mask }
}

async function readPart(
  reader: BlockReader,
  facts: DatasetFacts,
  part: PlainPart,
  bands: readonly number[],
  wantedAlpha: number | null,
): Promise<PlainBlock> {
  const { level, window } = part
  const weighs = part.kernel !== 'nearest'
  const alpha = weighs && facts.kernelMask === 'alpha' ? facts.alphaBand : wantedAlpha
  const arrays = await reader.bands(level, window, alpha === null ? bands : [...bands, alpha])
  const maskLevel = weighs && facts.kernelMask === 'dataset' ? maskLevelOf(facts, part) : null
  return {
    window,
    bands: arrays.slice(0, bands.length),
    alpha: alpha === null ? null : arrays[bands.length]!,
    mask: maskLevel === null ? null : await reader.mask(maskLevel, window),
  }
}

/** The kernel may have read it already. */
async function readMask(reader: BlockReader, plan: PlainPlan, others: PlainBlock | null): Promise<Uint8Array> {
  const { level, window } = plan.mask!
  const isSame = others?.mask && level === plan.others?.level && isSameWindow(window, others.window)
  return isSame ? others.mask! : await reader.mask(level, window)
}

/** The mask's level of the same size, null when it has none: GDAL then takes all of the overview for valid. */
function maskLevelOf(facts: DatasetFacts, { level, x, y }: PlainPart): number | null {
  if (level < 0) return -1
  const isSize = (size: Size) => size.width === x.limit && size.height === y.limit
  const found = facts.maskOverviews.findIndex(isSize)
  return found < 0 ? null : found
}

function isSameWindow(a: Window, b: Window): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height
}
