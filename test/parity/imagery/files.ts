import type { FileSpec, SampleType, Validity } from './file-spec.ts'
import { places } from './places.ts'

const all: Validity = { kind: 'all' }
const mask: Validity = { kind: 'mask' }
const alpha: Validity = { kind: 'alpha', gradient: false }
const alphaGradient: Validity = { kind: 'alpha', gradient: true }
const nodata = (value: number): Validity => ({ kind: 'nodata', value })

type Changes = Partial<Omit<FileSpec, 'name' | 'seed'>>

/** A file of one band of bytes over northern Italy, all valid, with three overviews, but for what is told. */
function file(name: string, changes: Changes = {}): FileSpec {
  const usual = { place: places.lonLat, type: 'Byte', bands: 1, validity: all, overviews: [2, 4, 8] } as const
  return { ...usual, ...changes, name, seed: seedOf(name) }
}

/** Its own for each name, whatever files come before it; one for twins. */
function seedOf(name: string): number {
  let seed = 0
  for (const sign of name.replace('Twin', '')) seed = (seed * 31 + sign.charCodeAt(0)) % 65_521
  return seed
}

const validities: readonly (readonly [name: string, type: SampleType, bands: number, validity: Validity])[] = [
  ['byte', 'Byte', 1, all],
  ['byte-rgb', 'Byte', 3, all],
  ['byte-nodata', 'Byte', 3, nodata(0)],
  ['byte-alpha', 'Byte', 3, alpha],
  ['byte-alpha-gradient', 'Byte', 3, alphaGradient],
  ['byte-mask', 'Byte', 3, mask],
  ['uint16', 'UInt16', 4, all],
  ['uint16-nodata', 'UInt16', 4, nodata(0)],
  ['uint16-alpha', 'UInt16', 3, alphaGradient],
  ['uint16-mask', 'UInt16', 2, mask],
  ['int16-nodata', 'Int16', 1, nodata(-9999)],
  ['int16', 'Int16', 2, all],
  ['int32-nodata', 'Int32', 1, nodata(-9999)],
  ['uint32', 'UInt32', 1, all],
  ['float32', 'Float32', 1, all],
  ['float32-nodata', 'Float32', 2, nodata(-9999)],
  ['float32-nan', 'Float32', 2, nodata(Number.NaN)],
  ['float64-nan', 'Float64', 1, nodata(Number.NaN)],
  ['float64-mask', 'Float64', 1, mask],
]

/** Every type and validity, in three reference systems: separable warp, plain read, curved warp. */
const typed = validities.flatMap(([name, type, bands, validity]) =>
  (['lonLat', 'mercator', 'utmNorth'] as const).map((place) =>
    file(`${name}.${place}`, { type, bands, validity, place: places[place] }),
  ),
)

/** The other places, with nodata (one warp of the whole tile) and without (warp in blocks). */
const elsewhere = Object.entries(places)
  .filter(([name]) => !['lonLat', 'mercator', 'utmNorth'].includes(name))
  .flatMap(([name, place]) => [
    file(`rgb.${name}`, { place, bands: 3 }),
    file(`int16-nodata.${name}`, { place, type: 'Int16', validity: nodata(-9999) }),
  ])

const layouts = [
  file('no-overviews', { bands: 3, overviews: [] }),
  file('no-overviews-nodata.utmNorth', { place: places.utmNorth, validity: nodata(0), overviews: [] }),
  file('no-overviews.mercator', { place: places.mercator, bands: 3, overviews: [] }),
  file('odd-overviews', { bands: 3, overviews: [3, 5, 11] }),
  file('odd-overviews.mercator', { place: places.mercator, bands: 3, overviews: [3, 7] }),
  file('sparse', { validity: nodata(0), sparse: true }),
  file('sparse.mercator', { place: places.mercator, validity: nodata(0), sparse: true }),
  file('striped', { bands: 3, block: 0, compression: 'LZW' }),
  file('blocks-of-512', { bands: 3, block: 512, interleave: 'BAND' }),
  file('blocks-of-256', { type: 'UInt16', bands: 2, block: 256, compression: 'NONE' }),
  file('jpeg-gray', { block: 256, compression: 'JPEG' }),
  file('jpeg', { bands: 3, block: 256, compression: 'JPEG' }),
  file('jpeg-mask.utmNorth', { place: places.utmNorth, bands: 3, block: 256, compression: 'JPEG', validity: mask }),
  file('jpeg.mercator', { place: places.mercator, bands: 3, block: 256, compression: 'JPEG' }),
]

const special = [
  file('palette', { palette: true, classes: 12 }),
  file('palette.mercator', { palette: true, classes: 12, place: places.mercator }),
  file('classes', { classes: 9 }),
  file('classes-int32', { classes: 7, type: 'Int32' }),
  file('classes-float32.mercator', { classes: 7, type: 'Float32', place: places.mercator }),
  file('scaled', { type: 'Int16', validity: nodata(-9999), scaleOffset: [0.1, 25] }),
  file('scaled-uint16.mercator', {
    type: 'UInt16',
    bands: 2,
    validity: nodata(0),
    scaleOffset: [0.0001, -0.1],
    place: places.mercator,
  }),
  file('described', { type: 'UInt16', bands: 4, validity: nodata(0), descriptions: ['Blue', 'Green', 'Red', 'NIR'] }),
]

/** Neighbours and overlaps: four shifted pictures of one place, each with lakes of its own. */
const overlapping = [
  ['byte', 'Byte', 3, nodata(0)],
  ['byte-mask', 'Byte', 3, mask],
  ['uint16', 'UInt16', 2, nodata(0)],
  ['int16', 'Int16', 1, nodata(-9999)],
  ['float32', 'Float32', 2, nodata(Number.NaN)],
] as const
const shifts = [
  [0, 0],
  [0.21, -0.13],
  [-0.17, 0.11],
  [0.3, 0.2],
] as const
const mosaics = overlapping.flatMap(([name, type, bands, validity]) =>
  shifts.map(([east, north], index) =>
    file(`mosaic-${name}-${index + 1}`, {
      type,
      bands,
      validity,
      place: { ...places.lonLat, origin: [10 + east, 47 + north], size: [500, 450] },
    }),
  ),
)

/** Assets of one item: other types and resolutions of one place. */
const fine = { ...places.lonLat, pixel: 0.0005, size: [1_400, 1_200] } as const
const assets = [
  file('asset-fine', { place: fine, type: 'UInt16', validity: nodata(0) }),
  file('asset-usual', { type: 'Int16', validity: nodata(-9999) }),
  file('asset-byte', { type: 'Byte', validity: mask }),
  file('asset-float', { type: 'Float32', validity: nodata(Number.NaN) }),
]

/** Every file of the matrix. */
export const files: readonly FileSpec[] = [...typed, ...elsewhere, ...layouts, ...special, ...mosaics, ...assets]
