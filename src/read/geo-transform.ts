import type { GeoTransform, Size } from './dataset-facts.ts'
import type { PointTransform } from './point-transform.ts'

/** Pixel and line to coordinates, with GDAL's order of operations (GDALGenImgProjTransform). */
export function fromPixels([x0, xx, xy, y0, yx, yy]: GeoTransform): PointTransform {
  if (xy === 0 && yx === 0) {
    return (xs, ys, count) => {
      for (let i = 0; i < count; i++) {
        xs[i] = x0 + xs[i]! * xx
        ys[i] = y0 + ys[i]! * yy
      }
    }
  }
  return (xs, ys, count) => {
    for (let i = 0; i < count; i++) {
      const x = xs[i]!
      const y = ys[i]!
      xs[i] = x0 + x * xx + y * xy
      ys[i] = y0 + x * yx + y * yy
    }
  }
}

/** Coordinates to pixel and line; null when the transform has no inverse. */
export function toPixels(transform: GeoTransform): PointTransform | null {
  const inverse = inverseOf(transform)
  return inverse && fromPixels(inverse)
}

/** GDALInvGeoTransform, with its two ways: the last bit decides pixels whose centre falls on an edge. */
export function inverseOf([x0, xx, xy, y0, yx, yy]: GeoTransform): GeoTransform | null {
  if (xy === 0 && yx === 0) {
    return xx === 0 || yy === 0 ? null : [-x0 / xx, 1 / xx, 0, -y0 / yy, 0, 1 / yy]
  }
  const determinant = xx * yy - xy * yx
  const magnitude = Math.max(Math.abs(xx), Math.abs(xy), Math.abs(yx), Math.abs(yy))
  if (Math.abs(determinant) <= 1e-10 * magnitude * magnitude) return null
  const factor = 1 / determinant
  return [
    (xy * y0 - x0 * yy) * factor,
    yy * factor,
    -xy * factor,
    (-xx * y0 + x0 * yx) * factor,
    -yx * factor,
    xx * factor,
  ]
}

/** The transform of an overview: the real ratio of the sizes; a rotated file has only the one in x (GDALCreateSimilarTransformer). */
export function atLevel([x0, xx, xy, y0, yx, yy]: GeoTransform, full: Size, level: Size): GeoTransform {
  const ratioX = full.width / level.width
  const ratioY = full.height / level.height
  if (ratioX === 1 && ratioY === 1) return [x0, xx, xy, y0, yx, yy]
  if (xy === 0 && yx === 0) return [x0, xx * ratioX, 0, y0, 0, yy * ratioY]
  return [x0, xx * ratioX, xy * ratioX, y0, yx * ratioX, yy * ratioX]
}
