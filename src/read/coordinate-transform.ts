import gdal from 'gdal-async'
import { LRUCache } from 'lru-cache'
import { TilepressError } from '../errors.ts'
import type { Bounds } from '../tile/bounds.ts'
import type { Crs } from '../tile/crs.ts'
import { spatialReference } from './spatial-reference.ts'

/** Changes one position: x is east or longitude, y north or latitude, whatever the authority says. NaN where there is no answer. */
export type Transform = (x: number, y: number) => readonly [x: number, y: number]

const REMEMBERED = 256
const transforms = new LRUCache<string, Transform>({ max: REMEMBERED })

/** GDAL's transformation between two coordinate reference systems. Throws PARAMETER_INVALID for one that PROJ does not know. */
export function coordinateTransform(from: Crs, to: Crs): Transform {
  if (from === to) return (x, y) => [x, y]
  const name = `${from}>${to}`
  const known = transforms.get(name)
  if (known) return known
  const transformation = new gdal.CoordinateTransformation(referenceOf(from), referenceOf(to))
  const transform: Transform = (x, y) => {
    try {
      const point = transformation.transformPoint(x, y)
      return [point.x, point.y]
    } catch {
      return [Number.NaN, Number.NaN]
    }
  }
  transforms.set(name, transform)
  return transform
}

/**
 * Bounds in another coordinate reference system, from 21 points between the corners of each side (rasterio's transform_bounds). Null
 * when a point has no place there. Geographic results across the antimeridian or around a pole are those of its points alone.
 */
export function transformBounds(from: Crs, to: Crs, bounds: Bounds, pointsPerSide = 21): Bounds | null {
  if (from === to) return bounds
  const transform = coordinateTransform(from, to)
  const [left, bottom, right, top] = bounds
  const steps = pointsPerSide + 1
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let k = 0; k <= steps; k++) {
    const x = k === steps ? right : left + (k * (right - left)) / steps
    const y = k === steps ? top : bottom + (k * (top - bottom)) / steps
    for (const [px, py] of [transform(x, bottom), transform(x, top), transform(left, y), transform(right, y)]) {
      if (!Number.isFinite(px + py)) return null
      minX = Math.min(minX, px)
      maxX = Math.max(maxX, px)
      minY = Math.min(minY, py)
      maxY = Math.max(maxY, py)
    }
  }
  return [minX, minY, maxX, maxY]
}

/** Throws PARAMETER_INVALID for a reference system that PROJ does not know. */
export function referenceOf(crs: Crs): gdal.SpatialReference {
  try {
    return spatialReference(crs)
  } catch (cause) {
    throw new TilepressError('PARAMETER_INVALID', `there is no coordinate reference system ${crs.slice(0, 64)}`, {
      cause,
    })
  }
}
