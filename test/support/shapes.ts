/** GeoJSON shapes for tests of the search, from a seeded generator: the same seed gives the same shapes. */

export interface Shape {
  readonly type: string
  readonly coordinates: unknown
}

type Ring = number[][]

/** Numbers in 0…1 (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const closed = (ring: Ring): Ring => [...ring, ring[0]!]

export function rectangle(left: number, bottom: number, right: number, top: number): Shape {
  return { type: 'Polygon', coordinates: [rectangleRing(left, bottom, right, top)] }
}

function rectangleRing(left: number, bottom: number, right: number, top: number): Ring {
  return closed([
    [left, bottom],
    [right, bottom],
    [right, top],
    [left, top],
  ])
}

/** A scene's outline: a parallelogram, and not quite. */
export function slanted(x: number, y: number, width: number, height: number, slant: number): Shape {
  const corners = [
    [x, y],
    [x + width, y + slant * 0.3],
    [x + width + slant, y + height],
    [x + slant, y + height - slant * 0.3],
  ]
  return { type: 'Polygon', coordinates: [closed(corners)] }
}

/** A valid polygon with dents all around, and a hole in its middle when it is wide enough. */
export function star(x: number, y: number, radius: number, random: () => number): Shape {
  const corners = 5 + Math.floor(random() * 8)
  const outline = Array.from({ length: corners }, (_, i) => {
    const angle = (i / corners) * 2 * Math.PI
    const reach = radius * (0.4 + 0.6 * random())
    return [x + reach * Math.cos(angle), y + reach * Math.sin(angle)]
  })
  const hole = radius * 0.15
  const holes = random() < 0.5 ? [rectangleRing(x - hole, y - hole, x + hole, y + hole)] : []
  return { type: 'Polygon', coordinates: [closed(outline), ...holes] }
}

/** Footprints of every kind a catalogue has, somewhere in a square of `extent` degrees; many share edges on a half-degree grid. */
export function randomShape(extent: number, random: () => number): Shape {
  const [x, y] = [random() * extent, random() * extent]
  const [width, height] = [0.3 + random() * 3, 0.3 + random() * 3]
  const grid = (value: number) => Math.round(value * 2) / 2
  const kind = random()
  if (kind < 0.3) return rectangle(x, y, x + width, y + height)
  if (kind < 0.5) return rectangle(grid(x), grid(y), grid(x) + Math.ceil(width), grid(y) + Math.ceil(height))
  if (kind < 0.75) return slanted(x, y, width, height, random() - 0.5)
  if (kind < 0.85) return star(x, y, width, random)
  if (kind < 0.93) {
    const halves = [
      rectangleRing(x, y, x + width * 0.4, y + height),
      rectangleRing(x + width * 0.6, y, x + width, y + height),
    ]
    return { type: 'MultiPolygon', coordinates: halves.map((ring) => [ring]) }
  }
  if (kind < 0.97) return { type: 'Point', coordinates: [x, y] }
  const line = [
    [x, y],
    [x + width, y + height],
    [x, y + height],
  ]
  return { type: 'LineString', coordinates: line }
}
