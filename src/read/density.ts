import { dataTypeRange } from '../raster/data-type.ts'
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
    const bands = [...block.bands, ...block.otherBands]
    for (let i = 0; i < pixels; i++) {
      if (bands.every((band) => Object.is(band[i], target.nodata) || band[i] === target.nodata)) {
        density[i] = 0
        partial = true
      }
    }
  }
  return partial ? density : null
}

function alphaMaximum(facts: DatasetFacts): number {
  const type = facts.bands[0]?.dataType
  return type === 'uint16' || type === 'int16' ? dataTypeRange[type][1] : 255
}
