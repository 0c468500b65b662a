import type { Bounds } from '../tile/bounds.ts'
import type { Coordinates, Footprint, Polygon } from './footprint.ts'
import { boundsRing, clipRing, type Ring, ringArea, ringBounds, SLACK, splitRing } from './ring.ts'
import { trapezoids } from './trapezoids.ts'

/** A convex part of the plane; `ring` is null for the rectangle that its bounds are. */
interface Piece {
  readonly bounds: Bounds
  readonly ring: Ring | null
}

/** Pieces above which the bookkeeping would cost more than the items it saves. */
const MAX_PIECES = 1_024

/**
 * What of a box no footprint has covered yet, kept as convex pieces: a footprint is covered when it cuts nothing off them. pgSTAC asks the
 * same by comparing the areas of unions in planar degrees; where these differ by rounding alone, so may its answer, and ours does not.
 *
 * Coordinates are relative to the box's corner, so that the arithmetic keeps its digits in small tiles.
 */
export class UncoveredArea {
  readonly #box: Bounds
  /** Of the box, in its own coordinates. */
  readonly #bounds: Bounds
  /** An area that rounding alone can make, square degrees: the slack along the box's border, or 10⁻¹² of the box. */
  readonly #tolerance: number
  #pieces: Piece[]
  #gaveUp = false

  constructor(box: Bounds) {
    const [width, height] = [box[2] - box[0], box[3] - box[1]]
    this.#box = box
    this.#bounds = [0, 0, width, height]
    this.#tolerance = Math.max(1e-12 * width * height, SLACK * 2 * (width + height))
    this.#pieces = [{ bounds: this.#bounds, ring: null }]
  }

  /** Nothing but rounding is left. */
  get full(): boolean {
    return this.#pieces.length === 0
  }

  /** Takes the footprint away; false when it covered nothing new. Points and lines cover nothing. */
  cover(footprint: Footprint): boolean {
    if (this.#gaveUp) return true
    let gained = 0
    for (const part of this.#parts(footprint)) gained += this.#cut(part)
    if (this.#pieces.length > MAX_PIECES) this.#gaveUp = true
    else if (gained > 0 && this.#area() <= this.#tolerance) this.#pieces = []
    return gained > this.#tolerance
  }

  #area(): number {
    let area = 0
    for (const piece of this.#pieces) area += areaOf(piece)
    return area
  }

  #cut(part: Piece): number {
    let gained = 0
    const rest: Piece[] = []
    for (const piece of this.#pieces) {
      const common = overlap(piece.bounds, part.bounds)
      if (!common) {
        rest.push(piece)
      } else if (piece.ring === null && part.ring === null) {
        gained += areaOf({ bounds: common, ring: null })
        pushAround(rest, piece.bounds, common)
      } else {
        gained += pushOutside(rest, piece, part.ring ?? boundsRing(part.bounds))
      }
    }
    this.#pieces = rest
    return gained
  }

  #parts(footprint: Footprint): Piece[] {
    if (footprint.kind === 'rectangle') {
      const [left, bottom, right, top] = footprint.bounds
      const [x, y] = this.#box
      const bounds = overlap([left - x, bottom - y, right - x, top - y], this.#bounds)
      return bounds ? [{ bounds, ring: null }] : []
    }
    return footprint.polygons
      .flatMap((polygon) => this.#convexParts(polygon))
      .map((ring) => ({ bounds: ringBounds(ring), ring }))
  }

  /** Clipped first: a large outline has few corners left inside a tile. */
  #convexParts({ rings, convex }: Polygon): Ring[] {
    const clipped = rings.map((ring) => clipRing(this.#relative(ring), this.#bounds)).filter((ring) => ring !== null)
    return convex ? clipped : trapezoids(clipped)
  }

  #relative(ring: Coordinates): Ring {
    const [x, y] = this.#box
    const relative: number[] = []
    for (let i = 0; i < ring.length; i += 2) relative.push(ring[i]! - x, ring[i + 1]! - y)
    return relative
  }
}

/** The common part when it is wider and higher than rounding makes it. */
function overlap(a: Bounds, b: Bounds): Bounds | null {
  const common: Bounds = [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]
  return common[2] - common[0] > SLACK && common[3] - common[1] > SLACK ? common : null
}

function areaOf({ bounds, ring }: Piece): number {
  return ring ? ringArea(ring) : (bounds[2] - bounds[0]) * (bounds[3] - bounds[1])
}

/** What of a rectangle lies around another one inside it: at most four rectangles. */
function pushAround(rest: Piece[], [left, bottom, right, top]: Bounds, hole: Bounds): void {
  if (hole[1] - bottom > SLACK) rest.push({ bounds: [left, bottom, right, hole[1]], ring: null })
  if (top - hole[3] > SLACK) rest.push({ bounds: [left, hole[3], right, top], ring: null })
  if (hole[0] - left > SLACK) rest.push({ bounds: [left, hole[1], hole[0], hole[3]], ring: null })
  if (right - hole[2] > SLACK) rest.push({ bounds: [hole[2], hole[1], right, hole[3]], ring: null })
}

/** What of a piece lies outside a convex ring: one piece behind each of its edges. Returns the area of what lies inside. */
function pushOutside(rest: Piece[], piece: Piece, part: Ring): number {
  let inside: Ring = piece.ring ?? boundsRing(piece.bounds)
  const outside: Piece[] = []
  for (let i = 0, j = part.length - 2; i < part.length; j = i, i += 2) {
    const [ax, ay, bx, by] = [part[j]!, part[j + 1]!, part[i]!, part[i + 1]!]
    // The top of a triangle among the trapezoids: two points that are one bound nothing.
    if (Math.abs(bx - ax) <= SLACK && Math.abs(by - ay) <= SLACK) continue
    const { left, right } = splitRing(inside, ax, ay, bx, by)
    if (!left) {
      rest.push(piece)
      return 0
    }
    if (right) outside.push({ bounds: ringBounds(right), ring: right })
    inside = left
  }
  rest.push(...outside)
  return ringArea(inside)
}
