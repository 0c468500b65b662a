import { fractal, hash, noise, ramp, ridges } from './noise.ts'

/** What covers the ground at a pixel. */
export const cover = {
  steppe: 0,
  field: 1,
  trees: 2,
  roof: 3,
  street: 4,
  water: 5,
  sand: 6,
  rock: 7,
  snow: 8,
  garden: 9,
} as const

/** A made-up country around Namangan, on a grid of its own: `pixelSize` metres a pixel, north up. */
export interface Landscape {
  readonly width: number
  readonly height: number
  /** Of the grid's upper left corner, metres east and north of the city. */
  readonly left: number
  readonly top: number
  readonly pixelSize: number
  /** A value of `cover` per pixel. */
  readonly cover: Uint8Array
  /** Which crop grows or which roof it is: the same number all over a field or a house, 0 to 255. */
  readonly kind: Uint8Array
  /** How bright the slope lies to the sun; 1 = flat ground. */
  readonly shade: Float32Array
}

/** Draws the country: mountains in the north, the city, irrigated fields with villages, the river in the south. Takes about 2 s for 7 million pixels. */
export function drawLandscape(left: number, top: number, width: number, height: number, pixelSize: number): Landscape {
  const heights = new Float32Array(width * height)
  const covers = new Uint8Array(width * height)
  const kinds = new Uint8Array(width * height)
  for (let row = 0, at = 0; row < height; row++) {
    const north = top - (row + 0.5) * pixelSize
    for (let column = 0; column < width; column++, at++) {
      const east = left + (column + 0.5) * pixelSize
      const level = elevation(east, north)
      heights[at] = level
      const found = groundAt(east, north, level)
      covers[at] = found & 15
      kinds[at] = found >> 4
    }
  }
  const shade = shadeOf(heights, width, height, pixelSize)
  return { width, height, left, top, pixelSize, cover: covers, kind: kinds, shade }
}

/** Metres above the plain, which is flat. */
function elevation(east: number, north: number): number {
  if (north < 2500) return 0
  const hills = ramp(north, 2500, 6000)
  const mountains = ramp(north + 1800 * (noise(east / 5000, north / 9000, 11) - 0.5), 4500, 13_000)
  const low = (1 - mountains) * hills * 150 * ridges(east / 1500, north / 1500, 14, 4)
  if (mountains === 0) return low
  const bend = 900 * noise(east / 3000, north / 3000, 15)
  return low + mountains * (450 + 2000 * ridges((east + bend) / 4600, (north - bend) / 4600, 16, 6))
}

/** `cover` in the low four bits, the kind above them. */
function groundAt(east: number, north: number, level: number): number {
  const river = riverAt(east, north)
  if (river >= 0) return river
  if (level > 1500 && level > 1650 + 400 * fractal(east / 700, north / 700, 21, 3)) return cover.snow
  if (level > 420) return cover.rock
  const town = townAt(east, north)
  if (town >= 0) return town
  if (level > 40 && level > 40 + 50 * fractal(east / 1200, north / 1200, 22, 3)) return cover.steppe
  return fieldAt(east, north)
}

/** The Syr Darya and its sand banks, a canal along the foot of the hills; -1 elsewhere. */
function riverAt(east: number, north: number): number {
  const course =
    -9200 + 1100 * Math.sin(east / 3900 + 0.6) + 520 * Math.sin(east / 1500) + 240 * Math.sin(east / 610 + 2)
  const off = Math.abs(north - course)
  const width = 70 + 110 * noise(east / 1400, 7, 31)
  if (off < width) {
    const bar = fractal(east / 260, north / 130, 32, 3)
    return bar > 0.66 && off > width * 0.25 ? cover.sand : cover.water
  }
  if (off < width * (1.25 + 1.6 * noise(east / 500, north / 900, 33))) return cover.sand
  const canal = 2300 + 420 * Math.sin(east / 2600) + 150 * Math.sin(east / 900 + 1)
  if (Math.abs(north - canal) < 16) return cover.water
  if (Math.abs(north - canal) < 34) return cover.trees
  return -1
}

interface Town {
  readonly east: number
  readonly north: number
  readonly radius: number
}

const city: Town = { east: 0, north: 0, radius: 3600 }
const villages: readonly Town[] = Array.from({ length: 26 }, (_, index) => ({
  east: (hash(index, 1, 41) - 0.5) * 30_000,
  north: -8300 + hash(index, 2, 41) * 11_500,
  radius: 260 + 420 * hash(index, 3, 41),
}))

/** 0 in the middle of the nearest town, 1 at its edge, more outside. */
function townDepth(east: number, north: number): number {
  let nearest = Math.hypot(east - city.east, (north - city.north) * 1.25) / city.radius
  for (const { east: x, north: y, radius } of villages) {
    if (Math.abs(east - x) > radius * 2 || Math.abs(north - y) > radius * 2) continue
    nearest = Math.min(nearest, Math.hypot(east - x, north - y) / radius)
  }
  if (nearest > 1.6) return nearest
  return (
    nearest / (0.45 + 0.7 * fractal(east / 1300, north / 1300, 42, 2) + 0.4 * fractal(east / 260, north / 260, 44, 3))
  )
}

/** Streets, roofs and gardens inside a town; -1 outside. */
function townAt(east: number, north: number): number {
  const inside = townDepth(east, north)
  if (inside > 1) return -1
  const along = east * 0.94 + north * 0.34
  const across = north * 0.94 - east * 0.34
  const near = (value: number, spacing: number, half: number) =>
    Math.abs(value / spacing - Math.round(value / spacing)) * spacing < half
  if (near(along, 1180, 15) || near(across, 860, 15)) return cover.street
  if (near(along, 168, 6) || near(across, 104, 6)) return cover.street
  const block = hash(Math.round(along / 168 - 0.5), Math.round(across / 104 - 0.5), 43)
  const quarter = noise(east / 800, north / 800, 48)
  if (block < 0.07 + 0.1 * quarter) return cover.trees
  const roof = hash(Math.floor(along / 24), Math.floor(across / 20), 45)
  if (roof < 0.16 + 0.4 * inside * inside * quarter) return cover.garden
  return cover.roof | (Math.floor((0.55 * block + 0.45 * roof) * 255) << 4)
}

/** Strips of irrigated land, laid out afresh in every parish; rows of poplars along some. */
function fieldAt(east: number, north: number): number {
  const bentEast = east + 1100 * (noise(east / 2600, north / 2600, 51) - 0.5)
  const bentNorth = north + 1100 * (noise(east / 2600, north / 2600, 52) - 0.5)
  const parishEast = Math.floor(bentEast / 2300 + hash(Math.floor(bentNorth / 1900), 3, 53))
  const parishNorth = Math.floor(bentNorth / 1900)
  const turn = hash(parishEast, parishNorth, 54) * Math.PI
  const along = bentEast * Math.cos(turn) + bentNorth * Math.sin(turn)
  const across = bentNorth * Math.cos(turn) - bentEast * Math.sin(turn)
  const length = 330 + 340 * hash(parishEast, parishNorth, 55)
  const breadth = 110 + 130 * hash(parishEast, parishNorth, 56)
  const strip = Math.floor(across / breadth)
  const shifted = along / length + hash(strip, parishEast, 57)
  const plot = Math.floor(shifted)
  const fromEdge = Math.min((shifted - plot) * length, across - strip * breadth)
  const crop = hash(plot * 31 + parishEast, strip * 17 + parishNorth, 58)
  if (fromEdge < 11 && hash(strip, plot + parishNorth, 59) < 0.45) return cover.trees
  if (fromEdge < 7) return cover.sand
  return cover.field | (Math.floor(crop * 255) << 4)
}

/** Lambert's law with the sun in the south-east, 45° high, as in a morning image. */
function shadeOf(heights: Float32Array, width: number, height: number, pixelSize: number): Float32Array {
  const shade = new Float32Array(heights.length)
  const [sunEast, sunNorth, sunUp] = [0.5, -0.5, Math.SQRT1_2]
  for (let row = 0, at = 0; row < height; row++) {
    const above = row > 0 ? -width : 0
    const below = row < height - 1 ? width : 0
    for (let column = 0; column < width; column++, at++) {
      const before = column > 0 ? -1 : 0
      const after = column < width - 1 ? 1 : 0
      const slopeEast = ((heights[at + after] ?? 0) - (heights[at + before] ?? 0)) / ((after - before) * pixelSize)
      const slopeNorth =
        ((heights[at + above] ?? 0) - (heights[at + below] ?? 0)) / (((below - above) / width) * pixelSize)
      const light = (sunUp - sunEast * slopeEast - sunNorth * slopeNorth) / Math.hypot(1, slopeEast, slopeNorth)
      shade[at] = 0.3 + 0.7 * (Math.max(0, light) / sunUp)
    }
  }
  return shade
}
