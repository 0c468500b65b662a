import { fractal, hash } from '../../../apps/stack/samples/noise.ts'
import { type FileSpec, type SampleType, valueRanges } from './file-spec.ts'

export type Samples = Uint8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array

const arrays: Readonly<Record<SampleType, new (length: number) => Samples>> = {
  Byte: Uint8Array,
  UInt16: Uint16Array,
  Int16: Int16Array,
  UInt32: Uint32Array,
  Int32: Int32Array,
  Float32: Float32Array,
  Float64: Float64Array,
}

const alphaMax: Partial<Record<SampleType, number>> = { UInt16: 65_535, Int16: 32_767 }

/** Pixels a bump of the landscape is wide, and the share of the noise on it: both smooth and sharp parts have to survive a kernel. */
const BUMP = 36
const GRAIN = 0.2

/** A band's samples, invalid ones as `spec.validity` writes them. `band` counts from 0. */
export function bandSamples(spec: FileSpec, band: number, coverage: Float32Array): Samples {
  const [width, height] = spec.place.size
  const [lowest, highest] = valueRanges[spec.type]
  const whole = !spec.type.startsWith('Float')
  const samples = new arrays[spec.type](width * height)
  const nodata = spec.validity.kind === 'nodata' ? spec.validity.value : null
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      if (nodata !== null && coverage[at]! < 0.5) samples[at] = nodata
      else {
        const share = landscape(spec, band, column, row)
        const value = lowest + share * (highest - lowest)
        samples[at] = whole ? Math.floor(value) : value
      }
    }
  }
  return samples
}

function landscape(spec: FileSpec, band: number, column: number, row: number): number {
  const seed = spec.seed * 16 + band
  const smooth = fractal(column / BUMP, row / BUMP, seed, 3)
  if (spec.classes !== undefined) return Math.floor(smooth * spec.classes) / spec.classes
  return (1 - GRAIN) * smooth + GRAIN * hash(column, row, seed)
}

/** How much of each pixel counts, 0 to 1: lakes and two ragged sides are out. */
export function coverageOf(spec: FileSpec): Float32Array {
  const [width, height] = spec.place.size
  const coverage = new Float32Array(width * height).fill(1)
  if (spec.validity.kind === 'all') return coverage
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      const lakes = fractal(column / 60, row / 60, spec.seed + 7_000, 2)
      const ragged = (column / width + row / height) * 4 + lakes
      const inside = Math.min((lakes - 0.3) * 12, (ragged - 1) * 6)
      coverage[at] = spec.sparse && column > width / 2 ? 0 : Math.min(1, Math.max(0, inside))
    }
  }
  return coverage
}

/** Alpha band of a coverage; a gradient where the spec wants one. */
export function alphaSamples(spec: FileSpec, coverage: Float32Array): Samples {
  const samples = new arrays[spec.type](coverage.length)
  const gradient = spec.validity.kind === 'alpha' && spec.validity.gradient
  const full = alphaMax[spec.type] ?? 255
  for (let at = 0; at < samples.length; at++) {
    const share = coverage[at]!
    samples[at] = gradient ? Math.round(share * full) : share < 0.5 ? 0 : full
  }
  return samples
}

/** 255 where a pixel counts. */
export function maskSamples(coverage: Float32Array): Uint8Array {
  return Uint8Array.from(coverage, (share) => (share < 0.5 ? 0 : 255))
}
