import type { Resampling } from '../request/tile-request.ts'

/** Kernels that weigh by distance (GDALResampleChunk_Convolution). */
export type ConvolutionKernel = 'bilinear' | 'cubic' | 'cubic_spline' | 'lanczos'

/** Radius in level pixels at full scale (GDALGetResampleFunction). */
export const resampleRadius: Record<Resampling, number> = {
  nearest: 0,
  bilinear: 1,
  cubic: 2,
  cubic_spline: 2,
  lanczos: 3,
  average: 0,
  mode: 0,
  gauss: 1,
  rms: 0,
}

/** The weight at a distance, in radii of one pixel at full scale; not normalised. */
export const kernelWeight: Record<ConvolutionKernel, (x: number) => number> = {
  bilinear: (x) => Math.max(0, 1 - Math.abs(x)),
  cubic: catmullRom,
  cubic_spline: basisSpline,
  lanczos,
}

export function isConvolution(kernel: Resampling): kernel is ConvolutionKernel {
  return kernel in kernelWeight
}

/** Cubic and Lanczos go below zero: too few samples in a row would be stretched beyond all measure. */
export function hasNegativeWeights(kernel: ConvolutionKernel): boolean {
  return kernel === 'cubic' || kernel === 'lanczos'
}

/** Cubic convolution with a = −0.5. */
function catmullRom(x: number): number {
  const distance = Math.abs(x)
  if (distance <= 1) return x * x * (1.5 * distance - 2.5) + 1
  return distance <= 2 ? x * x * (-0.5 * distance + 2.5) - 4 * distance + 2 : 0
}

/** The cubic B-spline, times 6. */
function basisSpline(x: number): number {
  const [before, left, right] = [x + 2, x + 1, x - 1]
  if (before <= 0) return 0
  let weight = 0
  if (left > 0) {
    if (x > 0) weight = (right > 0 ? -4 * right * right * right : 0) + 6 * x * x * x
    weight += -4 * left * left * left
  }
  return weight + before * before * before
}

/** sinc(x) · sinc(x / 3), by way of sin 3x = 3 sin x − 4 sin³ x. */
function lanczos(x: number): number {
  if (x === 0) return 1
  const angle = Math.PI * x
  const third = angle / 3
  const squared = Math.sin(third) ** 2
  return ((3 - 4 * squared) * squared) / (angle * third)
}
