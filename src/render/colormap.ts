import { readFileSync } from 'node:fs'
import { TilepressError } from '../errors.ts'
import { takeArray } from '../raster/array-pool.ts'
import type { TypedArray } from '../raster/data-type.ts'
import type { Raster } from '../raster/raster.ts'

/** 256 colours as red, green, blue by turns. */
export type ColorTable = Uint8Array

/** Name to base64 of 768 bytes; all of rio-tiler's colormaps are opaque. Where they come from: scripts/make-colormaps.py. */
const encoded: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('./colormaps.json', import.meta.url), 'utf8'),
).colormaps

const decoded = new Map<string, ColorTable>()

export const colormapNames: readonly string[] = Object.keys(encoded)

/** The named table, null when there is none of that name. */
export function colormapOf(name: string): ColorTable | null {
  const known = decoded.get(name)
  if (known) return known
  const text = Object.hasOwn(encoded, name) ? encoded[name] : undefined
  if (text === undefined) return null
  const table = new Uint8Array(Buffer.from(text, 'base64'))
  decoded.set(name, table)
  return table
}

/** Colours a one-band raster; other types than uint8 wrap to it as numpy's `astype(uint8)` does. Throws FORMAT_INVALID for more bands. */
export function applyColormap(raster: Raster, table: ColorTable): Raster {
  const [band] = raster.bands
  if (band === undefined || raster.bands.length > 1) {
    throw new TilepressError(
      'FORMAT_INVALID',
      `a colormap needs an image of one band, this one has ${raster.bands.length}`,
    )
  }
  const mask = raster.masks[0]!
  const [red, green, blue] = [0, 1, 2].map(() => takeArray('uint8', band.length)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  const values = toBytes(band)
  for (let i = 0; i < values.length; i++) {
    const at = values[i]! * 3
    red[i] = table[at]!
    green[i] = table[at + 1]!
    blue[i] = table[at + 2]!
  }
  return {
    ...raster,
    dataType: 'uint8',
    bands: [red, green, blue],
    masks: [mask, mask, mask],
    bandNames: ['b1', 'b2', 'b3'],
    bandDescriptions: ['b1', 'b2', 'b3'],
  }
}

function toBytes(band: TypedArray): Uint8Array {
  if (band instanceof Uint8Array) return band
  const bytes = new Uint8Array(band.length)
  // A number stored in a byte is cut and wrapped; beyond 32 bits upstream gives 0.
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.abs(band[i]!) < 2 ** 31 ? band[i]! : 0
  return bytes
}
