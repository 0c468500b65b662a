import type { TypedArray } from '../raster/data-type.ts'

/** sRGB's reference white D65 in XYZ (yn is 1). */
const XN = 0.95047
const ZN = 1.08883
const DELTA = 6 / 29
const T0 = DELTA ** 3
const SLOPE = DELTA ** -2 / 3
const INTERCEPT = 4 / 29
const THIRD = 1 / 3

/** sRGB bytes to linear light. */
const linearBytes = Float64Array.from({ length: 256 }, (_, byte) => linear(byte / 255))

/** Red, green and blue. */
type Three<T> = readonly [T, T, T]

/**
 * Multiplies the chroma of each pixel by `proportion`, in CIE LCh. `largest` is the sample that is 1; negative ones are 0. `to` may be
 * `from`. Constants are color_operations' (colorspace.pyx); that it goes through polar coordinates is not copied, as scaling chroma scales
 * both axes: no sample of three million differs.
 */
export function saturate(
  from: Three<TypedArray>,
  largest: number,
  [red, green, blue]: Three<Uint8Array>,
  proportion: number,
): void {
  const [r8, g8, b8] = from.map((band) => (largest === 255 && band instanceof Uint8Array ? band : null))
  for (let i = 0; i < red.length; i++) {
    const r = r8 ? linearBytes[r8[i]!]! : linear(Math.max(from[0][i]!, 0) / largest)
    const g = g8 ? linearBytes[g8[i]!]! : linear(Math.max(from[1][i]!, 0) / largest)
    const b = b8 ? linearBytes[b8[i]!]! : linear(Math.max(from[2][i]!, 0) / largest)
    const fx = fromLinear((r * 0.4124564 + g * 0.3575761 + b * 0.1804375) / XN)
    const fy = fromLinear(r * 0.2126729 + g * 0.7151522 + b * 0.072175)
    const fz = fromLinear((r * 0.0193339 + g * 0.119192 + b * 0.9503041) / ZN)
    const lightness = 116 * fy - 16
    const a = 500 * (fx - fy)
    const bb = 200 * (fy - fz)
    const q = (lightness + 16) / 116
    const x = toLinear(q + (a * proportion) / 500) * XN
    const y = toLinear(q)
    const z = toLinear(q - (bb * proportion) / 200) * ZN
    red[i] = companded(x * 3.2404542 + y * -1.5371385 + z * -0.4985314)
    green[i] = companded(x * -0.969266 + y * 1.8760108 + z * 0.041556)
    blue[i] = companded(x * 0.0556434 + y * -0.2040259 + z * 1.0572252)
  }
}

function linear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}

function fromLinear(t: number): number {
  return t > T0 ? t ** THIRD : SLOPE * t + INTERCEPT
}

function toLinear(t: number): number {
  return t > DELTA ? t ** 3 : 3 * DELTA ** 2 * (t - INTERCEPT)
}

/** Linear light to an sRGB byte, cut. */
function companded(value: number): number {
  const level = value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055
  return Math.min(Math.max(level, 0), 1) * 255
}
