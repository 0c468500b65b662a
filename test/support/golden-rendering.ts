import { readFileSync } from 'node:fs'
import { createArray, type DataType } from '../../src/raster/data-type.ts'
import type { Raster } from '../../src/raster/raster.ts'
import type { AlgorithmName } from '../../src/request/algorithm-table.ts'
import type { PixelSelectionName } from '../../src/request/tile-request.ts'
import type { Bounds } from '../../src/tile/bounds.ts'

interface GoldenShape {
  readonly dataType: DataType
  readonly width: number
  readonly height: number
  readonly bounds?: Bounds
}

export interface GoldenInput extends GoldenShape {
  readonly bands: readonly (readonly number[])[]
  readonly masks: readonly string[]
}

/** Masked samples are null. */
export interface GoldenResult extends GoldenShape {
  readonly bands: readonly (readonly (number | null)[])[]
}

interface GoldenRendering {
  readonly selections: readonly {
    readonly name: PixelSelectionName
    readonly rasters: readonly GoldenInput[]
    readonly result: GoldenResult
  }[]
  readonly algorithms: readonly {
    readonly name: AlgorithmName
    readonly parameters: Readonly<Record<string, number>>
    readonly raster: GoldenInput
    readonly result: GoldenResult
    readonly descriptions: readonly string[]
  }[]
}

/** Results of the reference for small random rasters; scripts/make-golden-rendering.py makes them. */
export const goldenRendering: GoldenRendering = JSON.parse(
  readFileSync(new URL('../golden/rendering.json', import.meta.url), 'utf8'),
)

export function goldenRaster({ bands, masks, dataType, width, height, bounds }: GoldenInput): Raster {
  const bandNames = bands.map((_, index) => `b${index + 1}`)
  return {
    ...{ width, height, dataType, bandNames, bandDescriptions: bandNames },
    bands: bands.map((samples) => {
      const band = createArray(dataType, samples.length)
      band.set(samples)
      return band
    }),
    masks: masks.map((mask) => (mask.includes('.') ? Uint8Array.from(mask, (sign) => (sign === 'x' ? 255 : 0)) : null)),
    bounds: bounds ?? [0, 0, width, height],
    crs: 'EPSG:3857',
  }
}

/** The raster as golden results are written. */
export function goldenResultOf(raster: Raster): GoldenResult {
  const { dataType, width, height, bands, masks } = raster
  return {
    dataType,
    width,
    height,
    bands: bands.map((band, b) => Array.from(band, (value, i) => (masks[b] === null || masks[b]![i] ? value : null))),
  }
}
