import gdal from 'gdal-async'
import type { Bounds } from '../tile/bounds.ts'
import type { Crs } from '../tile/crs.ts'
import { type GeoTransform, isNorthUp, type Size } from './dataset-facts.ts'
import { crsOf, type OpenDataset } from './open-dataset.ts'

/** Where a file's pixels lie: by its geotransform, or by the plane that fits its ground control points best. */
export interface Placement extends Size {
  readonly geoTransform: GeoTransform
  readonly crs: Crs
  /** Box around the four corners. */
  readonly bounds: Bounds
  /** By ground control points: rio-tiler then reads a north-up picture of the file and never the file itself. */
  readonly byControlPoints: boolean
}

const known = new WeakMap<OpenDataset['facts'], Placement | null>()

/** Null for a file that is nowhere: it names no coordinate reference system, or has too few points. */
export function placementOf(dataset: OpenDataset): Placement | null {
  const before = known.get(dataset.facts)
  if (before !== undefined) return before
  const placement = findPlacement(dataset)
  known.set(dataset.facts, placement)
  return placement
}

function findPlacement({ facts, dataset }: OpenDataset): Placement | null {
  const { width, height } = facts
  const byControlPoints = facts.geoTransform === null
  const crs = facts.crs ?? (byControlPoints ? crsOf(gdal.SpatialReference.fromWKT(dataset.getGCPProjection())) : null)
  const geoTransform = facts.geoTransform ?? planeThrough(dataset.getGCPs())
  if (crs === null || geoTransform === null) return null
  const corners = [0, width].flatMap((column) => [0, height].map((row) => positionOf(geoTransform, column, row)))
  const bounds: Bounds = isNorthUp(facts)
    ? [corners[0]![0], corners[1]![1], corners[2]![0], corners[0]![1]]
    : [
        Math.min(...corners.map(([x]) => x)),
        Math.min(...corners.map(([, y]) => y)),
        Math.max(...corners.map(([x]) => x)),
        Math.max(...corners.map(([, y]) => y)),
      ]
  return { width, height, geoTransform, crs, bounds, byControlPoints }
}

/** The position of a pixel's corner. */
export function positionOf([x0, a, b, y0, d, e]: GeoTransform, column: number, row: number): readonly [number, number] {
  return [a * column + b * row + x0, d * column + e * row + y0]
}

/** What the binding gives of a ground control point. */
interface ControlPoint {
  readonly dfGCPPixel: number
  readonly dfGCPLine: number
  readonly dfGCPX: number
  readonly dfGCPY: number
}

/** The affine transform of least squares through points (GDALGCPsToGeoTransform); null for points along one line. */
function planeThrough(points: readonly ControlPoint[]): GeoTransform | null {
  const count = points.length
  const mean = (pick: (point: ControlPoint) => number) => points.reduce((sum, point) => sum + pick(point), 0) / count
  const [column, row] = [mean((p) => p.dfGCPPixel), mean((p) => p.dfGCPLine)]
  let [cc, cr, rr] = [0, 0, 0]
  for (const { dfGCPPixel, dfGCPLine } of points) {
    cc += (dfGCPPixel - column) ** 2
    cr += (dfGCPPixel - column) * (dfGCPLine - row)
    rr += (dfGCPLine - row) ** 2
  }
  const determinant = cc * rr - cr * cr
  if (!(determinant > 0)) return null
  const planeOf = (pick: (point: ControlPoint) => number) => {
    const middle = mean(pick)
    let [c, r] = [0, 0]
    for (const point of points) {
      c += (point.dfGCPPixel - column) * (pick(point) - middle)
      r += (point.dfGCPLine - row) * (pick(point) - middle)
    }
    const [byColumn, byRow] = [(c * rr - r * cr) / determinant, (r * cc - c * cr) / determinant]
    return [middle - byColumn * column - byRow * row, byColumn, byRow] as const
  }
  return [...planeOf((p) => p.dfGCPX), ...planeOf((p) => p.dfGCPY)] as const
}
