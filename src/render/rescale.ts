import { takeArray } from '../raster/array-pool.ts'
import { createArray, type DataType, dataTypeRange, type TypedArray } from '../raster/data-type.ts'
import type { Raster } from '../raster/raster.ts'

export type Range = readonly [min: number, max: number]

/** Tables kept for ranges seen before: one of 65,536 entries costs as much as a tile. */
const MAX_TABLES = 64
const tables = new Map<string, Uint8Array>()

/**
 * Brings each band's range to 0…255 as uint8, masked samples to 0. One pair a band; any other number of pairs, and the first
 * serves all (titiler). Computed in doubles, stored in the source's type, then truncated, as numpy does it there.
 */
export function rescale(raster: Raster, ranges: readonly Range[]): Raster {
  const [first] = ranges
  if (first === undefined) return raster
  const bands = raster.bands.map((band, index) => {
    const range = ranges.length === raster.bands.length ? ranges[index]! : first
    return rescaleBand(band, raster.dataType, raster.masks[index]!, range)
  })
  return { ...raster, dataType: 'uint8', bands }
}

function rescaleBand(band: TypedArray, type: DataType, mask: Uint8Array | null, range: Range): Uint8Array {
  const scaled = takeArray('uint8', band.length) as Uint8Array
  if (band instanceof Uint8Array) lookUp8(band, tableOf(type, range), scaled)
  else if (band instanceof Uint16Array) lookUp16(band, tableOf(type, range), scaled)
  else compute(band, type, range, scaled)
  if (mask !== null) for (let i = 0; i < scaled.length; i++) if (mask[i] === 0) scaled[i] = 0
  return scaled
}

function lookUp8(band: Uint8Array, table: Uint8Array, scaled: Uint8Array): void {
  for (let i = 0; i < scaled.length; i++) scaled[i] = table[band[i]!]!
}

function lookUp16(band: Uint16Array, table: Uint8Array, scaled: Uint8Array): void {
  for (let i = 0; i < scaled.length; i++) scaled[i] = table[band[i]!]!
}

function compute(band: TypedArray, type: DataType, [min, max]: Range, scaled: Uint8Array): void {
  const single = type === 'float32'
  for (let i = 0; i < scaled.length; i++) {
    const clipped = Math.min(Math.max(band[i]!, min), max)
    const value = ((clipped - min) / (max - min)) * 255
    // A float32 image keeps the scaled value as float32 before it is cut: 254.99999999 is 255 there.
    scaled[i] = single ? Math.fround(value) : value
  }
}

function tableOf(type: DataType, range: Range): Uint8Array {
  const key = `${type} ${range[0]} ${range[1]}`
  let table = tables.get(key)
  if (table === undefined) {
    const values = createArray(type, dataTypeRange[type][1] + 1)
    for (let i = 0; i < values.length; i++) values[i] = i
    table = new Uint8Array(values.length)
    compute(values, type, range, table)
    const [oldest] = tables.keys()
    if (tables.size >= MAX_TABLES && oldest !== undefined) tables.delete(oldest)
    tables.set(key, table)
  }
  return table
}
