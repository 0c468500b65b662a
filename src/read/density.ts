import { dataTypeRange, type TypedArray } from '../raster/data-type.ts'
import type { DatasetFacts } from './dataset-facts.ts'
import type { ReadTarget } from './read-plan.ts'
import type { SourceBlock } from './source-block.ts'

/**
 * How much each source pixel counts in a kernel, 0…1; null when every one counts fully. Alpha counts in proportion; with nodata a
 * pixel is out only where all bands of the file have that value (UNIFIED_SRC_NODATA=YES, as rasterio asks); a masked one is out.
 */
export function densityOf(block: SourceBlock, facts: DatasetFacts, target: ReadTarget): Float32Array | null {
  const { mask } = block
  const pixels = block.window.width * block.window.height
  const density = new Float32Array(pixels).fill(1)
  let partial = false
  if (mask !== null) {
    const factor = target.mask?.kind === 'alpha' ? Math.fround(1 / alphaMaximum(facts)) : 1
    for (let i = 0; i < pixels; i++) {
      const share = Math.min(1, mask[i]! * factor)
      density[i] = share
      partial ||= density[i]! < 1
    }
  }
  if (target.nodata !== null) {
    const missing = missingIn([...block.bands, ...block.otherBands], target.nodata, pixels)
    for (let at = missing?.indexOf(1) ?? -1; at >= 0; at = missing!.indexOf(1, at + 1)) {
      density[at] = 0
      partial = true
    }
  }
  return partial ? density : null
}

/** 1 where every band has the value; null when that is nowhere. */
function missingIn(bands: readonly TypedArray[], nodata: number, pixels: number): Uint8Array | null {
  const missing = new Uint8Array(pixels).fill(1)
  const seeksNaN = Number.isNaN(nodata)
  for (const band of bands) {
    if (seeksNaN) for (let i = 0; i < pixels; i++) missing[i]! &= Number.isNaN(band[i]!) ? 1 : 0
    else for (let i = 0; i < pixels; i++) missing[i]! &= band[i] === nodata ? 1 : 0
    if (!missing.includes(1)) return null
  }
  return missing
}

function alphaMaximum(facts: DatasetFacts): number {
  const type = facts.bands[0]?.dataType
  return type === 'uint16' || type === 'int16' ? dataTypeRange[type][1] : 255
}
