import type { Bounds } from '../tile/bounds.ts'
import type { Coordinates, Footprint, Polygon } from './footprint.ts'
import { orientation } from './orientation.ts'

/** `covers`: the whole box is inside, so that the box has nothing left to cover. `touches`: anything between that and `disjoint`. */
export type Relation = 'disjoint' | 'touches' | 'covers'

/**
 * How a footprint lies to a box, both closed sets: what only shares a border point touches, as ST_Intersects has it.
 * Exact for every footprint; self-intersecting polygons are filled by the even-odd rule.
 */
export function relate(footprint: Footprint, box: Bounds): Relation {
  const [left, bottom, right, top] = footprint.bounds
  if (left > box[2] || box[0] > right || bottom > box[3] || box[1] > top) return 'disjoint'
  if (footprint.kind === 'rectangle') {
    return left <= box[0] && bottom <= box[1] && right >= box[2] && top >= box[3] ? 'covers' : 'touches'
  }
  let touches = box[0] <= left && right <= box[2] && box[1] <= bottom && top <= box[3]
  for (const polygon of footprint.polygons) {
    // No edge comes near the box: it lies in the polygon or in none of it, and its corner can tell.
    if (polygon.rings.some((ring) => lineTouches(ring, true, box))) touches = true
    else if (contains(polygon, box[0], box[1])) return 'covers'
  }
  touches ||= footprint.lines.some((line) => lineTouches(line, false, box))
  touches ||= footprint.points.some((points) => lineTouches(points, false, box, true))
  return touches ? 'touches' : 'disjoint'
}

function lineTouches(line: Coordinates, closed: boolean, box: Bounds, pointsOnly = false): boolean {
  const last = line.length - 2
  for (let i = 0; i <= last; i += 2) {
    const [x, y] = [line[i]!, line[i + 1]!]
    if (x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3]) return true
    if (pointsOnly || (i === last && !closed)) continue
    const next = i === last ? 0 : i + 2
    if (segmentTouches(x, y, line[next]!, line[next + 1]!, box)) return true
  }
  return false
}

/** For a segment whose first point is outside: its box overlaps, and its line does not leave all four corners on one side. */
function segmentTouches(x1: number, y1: number, x2: number, y2: number, [left, bottom, right, top]: Bounds): boolean {
  if (x1 < x2 ? x1 > right || x2 < left : x2 > right || x1 < left) return false
  if (y1 < y2 ? y1 > top || y2 < bottom : y2 > top || y1 < bottom) return false
  if (x1 === x2 || y1 === y2) return true
  // The two corners that are farthest from the line on either side; which ones depends on its slope.
  const rising = x1 < x2 === y1 < y2
  const one = orientation(x1, y1, x2, y2, left, rising ? top : bottom)
  const other = orientation(x1, y1, x2, y2, right, rising ? bottom : top)
  return !((one > 0 && other > 0) || (one < 0 && other < 0))
}

/** Even-odd rule, for a point that is on no ring. */
function contains({ rings }: Polygon, x: number, y: number): boolean {
  let inside = false
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const [x1, y1, x2, y2] = [ring[j]!, ring[j + 1]!, ring[i]!, ring[i + 1]!]
      if (y1 > y === y2 > y) continue
      const side = orientation(x1, y1, x2, y2, x, y)
      if (side > 0 === y2 > y1) inside = !inside
    }
  }
  return inside
}
