import { type Ring, SLACK } from './ring.ts'

interface Edge {
  readonly bottomX: number
  readonly bottomY: number
  readonly topX: number
  readonly topY: number
}

/** A trapezoid that may grow upwards for as long as the same two edges bound it. */
interface OpenTrapezoid {
  readonly left: Edge
  readonly right: Edge
  readonly from: number
  to: number
}

/** Rounds of looking for crossings inside a slab; only self-intersecting polygons need one. */
const MAX_DEPTH = 8

/** Parts whatever the rings fill by the even-odd rule into convex rings without overlap. Any polygon will do, also an invalid one. */
export function trapezoids(rings: readonly Ring[]): Ring[] {
  const edges = rings.flatMap(edgesOf).sort((a, b) => a.bottomY - b.bottomY)
  const levels = [...new Set(edges.flatMap((edge) => [edge.bottomY, edge.topY]))].sort((a, b) => a - b)
  const finished: Ring[] = []
  let open: OpenTrapezoid[] = []
  let active: Edge[] = []
  let upcoming = 0

  const fillSlab = (from: number, to: number, depth: number) => {
    const middle = (from + to) / 2
    const across = active
      .map((edge) => ({ edge, x: xAt(edge, middle) }))
      .sort((a, b) => a.x - b.x)
      .map(({ edge }) => edge)
    const crossing = depth < MAX_DEPTH ? firstCrossing(across, from, to) : null
    if (crossing !== null) {
      fillSlab(from, crossing, depth + 1)
      fillSlab(crossing, to, depth + 1)
      return
    }
    const grown: OpenTrapezoid[] = []
    for (let i = 0; i + 1 < across.length; i += 2) {
      const [left, right] = [across[i]!, across[i + 1]!]
      const known = open.find((trapezoid) => trapezoid.left === left && trapezoid.right === right)
      if (known) known.to = to
      grown.push(known ?? { left, right, from, to })
    }
    for (const trapezoid of open) if (trapezoid.to < to) finished.push(ringOf(trapezoid))
    open = grown
  }

  for (let i = 0; i + 1 < levels.length; i++) {
    const [from, to] = [levels[i]!, levels[i + 1]!]
    active = active.filter((edge) => edge.topY > from)
    for (let edge = edges[upcoming]; edge && edge.bottomY <= from; edge = edges[++upcoming]) active.push(edge)
    fillSlab(from, to, 0)
  }
  finished.push(...open.map(ringOf))
  return finished
}

/** Level edges bound no slab. */
function edgesOf(ring: Ring): Edge[] {
  const edges: Edge[] = []
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    const [x1, y1, x2, y2] = [ring[j]!, ring[j + 1]!, ring[i]!, ring[i + 1]!]
    if (y1 < y2) edges.push({ bottomX: x1, bottomY: y1, topX: x2, topY: y2 })
    else if (y2 < y1) edges.push({ bottomX: x2, bottomY: y2, topX: x1, topY: y1 })
  }
  return edges
}

function xAt({ bottomX, bottomY, topX, topY }: Edge, y: number): number {
  if (y === bottomY) return bottomX
  return y === topY ? topX : bottomX + ((y - bottomY) / (topY - bottomY)) * (topX - bottomX)
}

/** Lowest height inside the slab where two neighbours change places. */
function firstCrossing(across: readonly Edge[], from: number, to: number): number | null {
  let lowest: number | null = null
  for (let i = 0; i + 1 < across.length; i++) {
    const [a, b] = [across[i]!, across[i + 1]!]
    const below = xAt(b, from) - xAt(a, from)
    const above = xAt(b, to) - xAt(a, to)
    if (Math.min(below, above) >= -SLACK) continue
    const y = from + (below / (below - above)) * (to - from)
    if (y > from && y < to && (lowest === null || y < lowest)) lowest = y
  }
  return lowest
}

function ringOf({ left, right, from, to }: OpenTrapezoid): Ring {
  return [xAt(left, from), from, xAt(right, from), from, xAt(right, to), to, xAt(left, to), to]
}
