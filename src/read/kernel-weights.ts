/** Kernels that weigh a neighbourhood. */
export type WeighingKernel = 'bilinear' | 'cubic' | 'cubic_spline' | 'lanczos'

/** Radius in source pixels at full scale (GWKGetFilterRadius). */
export const weighingRadius: Record<WeighingKernel, number> = { bilinear: 1, cubic: 2, cubic_spline: 2, lanczos: 3 }

export type Weight = (x: number) => number

/** Weight by distance in pixels; those of the spline add up to 6, as in GDAL. Lanczos has its own way (`lanczosWeights`). */
export const kernelWeight: Record<Exclude<WeighingKernel, 'lanczos'>, Weight> = {
  bilinear: triangle,
  cubic: catmullRom,
  cubic_spline: spline,
}

function triangle(x: number): number {
  const distance = Math.abs(x)
  return distance <= 1 ? 1 - distance : 0
}

function catmullRom(x: number): number {
  const distance = Math.abs(x)
  const square = x * x
  if (distance <= 1) return square * (1.5 * distance - 2.5) + 1
  return distance <= 2 ? square * (-0.5 * distance + 2.5) - 4 * distance + 2 : 0
}

function spline(x: number): number {
  const x2 = x + 2
  if (!(x2 > 0)) return 0
  let sum = x2 * x2 * x2
  const x1 = x + 1
  if (x1 > 0) {
    let inner = 0
    if (x > 0) {
      const before = x - 1
      inner = (before > 0 ? -4 * before * before * before : 0) + 6 * x * x * x
    }
    sum += inner + -4 * x1 * x1 * x1
  }
  return sum
}

const THIRD = Math.PI / 3
/** GDAL multiplies by π² where it should divide: the sum takes that out again, but for a tap at distance 0, which weighs 1. */
const SCALED_FACTOR = 3 * Math.PI * Math.PI
/** sin(π/3). */
const SIN_THIRD = 0.8660254037844386

/**
 * Lanczos weights of `count` taps from offset `first − delta` on, one sine for all of them (GWKResampleOptimizedLanczos). Written to
 * `weights` from `at` on. `scale` is at most 1.
 */
export function lanczosWeights(
  first: number,
  delta: number,
  scale: number,
  count: number,
  weights: Float64Array,
  at: number,
): void {
  if (scale < 1) scaledLanczos(first, delta, scale, count, weights, at)
  else fullLanczos(first, delta, count, weights, at)
}

function fullLanczos(first: number, delta: number, count: number, weights: Float64Array, at: number): void {
  const sinThird = Math.sin(-THIRD * delta)
  const square = sinThird * sinThird
  const cosThird = Math.sqrt(1 - square)
  const factor = (3 / (Math.PI * Math.PI)) * ((3 - 4 * square) * sinThird)
  const half = -0.5 * factor * sinThird
  const side = SIN_THIRD * factor * cosThird
  const constants = [factor * sinThird, half - side, half + side]
  for (let k = 0; k < count; k++) {
    const x = first + k - delta
    weights[at + k] = x === 0 ? 1 : constants[(first + k + 3) % 3]! / (x * x)
  }
}

function scaledLanczos(
  first: number,
  delta: number,
  scale: number,
  count: number,
  weights: Float64Array,
  at: number,
): void {
  const stepCosThird = Math.cos(THIRD * scale)
  const stepSinThird = Math.sqrt(1 - stepCosThird * stepCosThird)
  const stepCos = (4 * stepCosThird * stepCosThird - 3) * stepCosThird
  const stepSin = Math.sqrt(1 - stepCos * stepCos)
  let x = (first - delta) * scale
  let cosThird = Math.cos(THIRD * x)
  let sinThird = Math.sin(THIRD * x)
  let sin = (3 - 4 * sinThird * sinThird) * sinThird
  let cos = (4 * cosThird * cosThird - 3) * cosThird
  for (let k = 0; k < count; k++) {
    weights[at + k] = x === 0 ? 1 : (SCALED_FACTOR * sin * sinThird) / (x * x)
    x += scale
    const nextSin = sin * stepCos + cos * stepSin
    const nextSinThird = sinThird * stepCosThird + cosThird * stepSinThird
    cos = cos * stepCos - sin * stepSin
    cosThird = cosThird * stepCosThird - sinThird * stepSinThird
    sin = nextSin
    sinThird = nextSinThird
  }
}
