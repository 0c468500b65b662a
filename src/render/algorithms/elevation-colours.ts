import { TilepressError } from '../../errors.ts'
import { takeArray } from '../../raster/array-pool.ts'
import type { Raster } from '../../raster/raster.ts'
import { type Algorithm, numberOf, withBands } from './algorithm.ts'

/** Steps that three bytes count. */
const MOST_STEPS = 256 ** 3

/** Heights of the first band as red · 256 + green + blue / 256 − 32768 (Mapzen's Terrarium). */
export const terrarium: Algorithm = (raster, parameters) => {
  const heights = raster.bands[0]!
  const masked = raster.masks[0]!
  const substitute = parameters.nodata_height ?? null
  const colours = new Colours(heights.length)
  const mask = takeArray('uint8', heights.length) as Uint8Array
  for (let i = 0; i < heights.length; i++) {
    const known = masked === null || masked[i] !== 0
    const height = known ? heights[i]! : (substitute ?? Number.NaN)
    const value = Math.min(Math.max(height + 32768, 0), 65535)
    mask[i] = Number.isNaN(value) ? 0 : 255
    colours.set(i, value / 256, value % 256, (value * 256) % 256)
  }
  return colours.raster(raster, mask.includes(0) ? mask : null, 'terranium')
}

/** Heights of the first band as `baseval` + `interval` · (red · 65536 + green · 256 + blue) (Mapbox's Terrain-RGB). */
export const terrainRgb: Algorithm = (raster, parameters) => {
  const heights = raster.bands[0]!
  const base = numberOf(parameters, 'baseval')
  const interval = numberOf(parameters, 'interval')
  const masked = raster.masks[0]!
  const substitute = parameters.nodata_height ?? null
  const colours = new Colours(heights.length)
  const mask = takeArray('uint8', heights.length) as Uint8Array
  let lowest = Number.POSITIVE_INFINITY
  let highest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < heights.length; i++) {
    const known = masked === null || masked[i] !== 0
    // An interval of 0 has no colour for any height, nor has an infinite height.
    const exact = ((known ? heights[i]! : (substitute ?? Number.NaN)) - base) / interval
    const valid = Number.isFinite(exact)
    // The height of masked pixels is cut, not rounded, as titiler has it.
    const steps = !valid ? 0 : known ? roundHalfEven(exact) : Math.trunc(exact)
    mask[i] = valid ? 255 : 0
    colours.set(i, (steps >> 16) & 255, (steps >> 8) & 255, steps & 255)
    if (!valid || !known) continue
    if (steps < lowest) lowest = steps
    if (steps > highest) highest = steps
  }
  if (highest - lowest > MOST_STEPS) {
    throw new TilepressError(
      'PARAMETER_INVALID',
      `parameter algorithm_params has an interval too small for these heights: they lie ${highest - lowest} intervals apart, ${MOST_STEPS} fit`,
    )
  }
  return colours.raster(raster, mask.includes(0) ? mask : null, 'terrain')
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor
}

class Colours {
  readonly #red: Uint8Array
  readonly #green: Uint8Array
  readonly #blue: Uint8Array

  constructor(pixels: number) {
    this.#red = takeArray('uint8', pixels) as Uint8Array
    this.#green = takeArray('uint8', pixels) as Uint8Array
    this.#blue = takeArray('uint8', pixels) as Uint8Array
  }

  /** Numbers are cut. */
  set(pixel: number, red: number, green: number, blue: number): void {
    this.#red[pixel] = red
    this.#green[pixel] = green
    this.#blue[pixel] = blue
  }

  raster(source: Raster, mask: Uint8Array | null, name: string): Raster {
    const bands = [this.#red, this.#green, this.#blue]
    return withBands(source, 'uint8', bands, [mask, mask, mask], [`${name}_r`, `${name}_g`, `${name}_b`])
  }
}
