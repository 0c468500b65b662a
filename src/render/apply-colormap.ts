import { TilepressError } from '../errors.ts'
import { recycle, takeArray } from '../raster/array-pool.ts'
import { castSamples } from '../raster/cast.ts'
import type { DataType } from '../raster/data-type.ts'
import type { Raster } from '../raster/raster.ts'
import type { Colormap } from '../request/tile-request.ts'
import { type ColorTable, colormapOf } from './colormap.ts'
import { intervalColors } from './colormap-intervals.ts'
import type { Coloured } from './coloured.ts'
import { type Colorer, packColor } from './packed-color.ts'

type ColorValues = Extract<Colormap, { kind: 'values' }>['entries']

/**
 * Colours a raster of one band (rio-tiler's apply_cmap). A named map and one of exactly the keys 0 to 255 look up the sample as a byte,
 * cut and wrapped; other values are compared exactly, intervals as min ≤ sample < max, where the later of two that overlap wins. What
 * no entry names is transparent black. Throws FORMAT_INVALID for more bands, PARAMETER_INVALID for an unknown name.
 */
export function applyColormap(raster: Raster, colormap: Colormap): Coloured {
  if (colormap.kind === 'named' && colormapOf(colormap.name) === null)
    throw new TilepressError('PARAMETER_INVALID', 'parameter colormap_name is unknown')
  const [band] = raster.bands
  if (band === undefined || raster.bands.length > 1) {
    throw new TilepressError(
      'FORMAT_INVALID',
      `a colormap needs an image of one band, this one has ${raster.bands.length}`,
    )
  }
  if (colormap.kind === 'named') return { raster: opaque(raster, colormapOf(colormap.name)!), alpha: null }
  const colors = takeArray('uint32', band.length) as Uint32Array
  colorerOf(colormap, raster.dataType)(band, colors)
  const coloured = unpack(raster, colors)
  recycle([colors])
  return coloured
}

/** Colours a raster of one band by a file's palette: red, green, blue and alpha by sample, as a colormap of those values. */
export function applyPalette(raster: Raster, palette: Uint8Array): Coloured {
  const colors = takeArray('uint32', raster.bands[0]!.length) as Uint32Array
  paletteColors(palette, raster.dataType)(raster.bands[0]!, colors)
  const coloured = unpack(raster, colors)
  recycle([colors])
  return coloured
}

function colorerOf(colormap: Exclude<Colormap, { kind: 'named' }>, type: DataType): Colorer {
  if (colormap.kind === 'intervals') return intervalColors(colormap.entries, type)
  return isTable(colormap.entries) ? tableColors(colormap.entries, type) : valueColors(colormap.entries, type)
}

/** Red, green and blue of each byte; all named colormaps are opaque. */
function opaque(raster: Raster, table: ColorTable): Raster {
  const band = raster.bands[0]!
  const [red, green, blue] = threeBands(band.length)
  const values = band instanceof Uint8Array ? band : castSamples(band, raster.dataType, 'uint8')
  for (let i = 0; i < values.length; i++) {
    const at = values[i]! * 3
    red[i] = table[at]!
    green[i] = table[at + 1]!
    blue[i] = table[at + 2]!
  }
  if (values !== band) recycle([values])
  return withColors(raster, [red, green, blue])
}

function isTable(entries: ColorValues): boolean {
  return entries.length === 256 && entries.every(([value]) => Number.isInteger(value) && value >= 0 && value <= 255)
}

function tableColors(entries: ColorValues, type: DataType): Colorer {
  const table = new Uint32Array(256)
  for (const [value, color] of entries) table[value] = packColor(color)
  return byteColors(table, type)
}

function paletteColors(palette: Uint8Array, type: DataType): Colorer {
  const table = Uint32Array.from({ length: palette.length / 4 }, (_, value) =>
    packColor([palette[4 * value]!, palette[4 * value + 1]!, palette[4 * value + 2]!, palette[4 * value + 3]!]),
  )
  if (table.length === 256) return byteColors(table, type)
  return (band, colors) => {
    // What is not a whole number within it has no entry.
    for (let i = 0; i < colors.length; i++) colors[i] = table[band[i]!] ?? 0
  }
}

/** By 256 colours, for samples cut to bytes. */
function byteColors(table: Uint32Array, type: DataType): Colorer {
  return (band, colors) => {
    const values = castSamples(band, type, 'uint8')
    for (let i = 0; i < colors.length; i++) colors[i] = table[values[i]!]!
    recycle([values])
  }
}

function valueColors(entries: ColorValues, type: DataType): Colorer {
  // numpy compares float32 samples with the key as float32.
  const key = type === 'float32' ? Math.fround : (value: number) => value
  const table = new Map(entries.map(([value, color]) => [key(value), packColor(color)]))
  return (band, colors) => {
    let last = Number.NaN
    let color = 0
    for (let i = 0; i < colors.length; i++) {
      const value = band[i]!
      if (value !== last) {
        last = value
        color = table.get(value) ?? 0
      }
      colors[i] = color
    }
  }
}

/** The bands of packed colours, and their alpha, 0 where the raster is masked; none when it is 255 wherever it is not. */
function unpack(raster: Raster, colors: Uint32Array): Coloured {
  const mask = raster.masks[0]!
  const [red, green, blue] = threeBands(colors.length)
  const alpha = takeArray('uint8', colors.length) as Uint8Array
  let transparent = 0
  for (let i = 0; i < colors.length; i++) {
    const color = colors[i]!
    red[i] = color
    green[i] = color >>> 8
    blue[i] = color >>> 16
    const valid = mask === null || mask[i] !== 0
    alpha[i] = valid ? color >>> 24 : 0
    if (valid && alpha[i] !== 255) transparent++
  }
  if (transparent === 0) recycle([alpha])
  return { raster: withColors(raster, [red, green, blue]), alpha: transparent === 0 ? null : alpha }
}

function threeBands(pixels: number): readonly [Uint8Array, Uint8Array, Uint8Array] {
  const take = () => takeArray('uint8', pixels) as Uint8Array
  return [take(), take(), take()]
}

function withColors(raster: Raster, bands: readonly Uint8Array[]): Raster {
  const names = ['b1', 'b2', 'b3']
  const mask = raster.masks[0]!
  return {
    ...raster,
    dataType: 'uint8',
    bands,
    masks: [mask, mask, mask],
    bandNames: names,
    bandDescriptions: names,
  }
}
