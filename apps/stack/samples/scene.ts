import { cover, type Landscape } from './landscape.ts'
import { fractal, hash, mix, noise, ramp } from './noise.ts'

/** One image of the country as a satellite would take it. */
export interface Scene {
  readonly id: string
  /** RFC 3339. */
  readonly datetime: string
  /** Of the square that is imaged, metres east and north of the city. */
  readonly centre: readonly [east: number, north: number]
  readonly season: Season
  /** Share of the square under clouds; where it is above 0 the file has a mask instead of a nodata value. */
  readonly cloud: number
}

export interface Season {
  /** How far each crop has grown, from bare soil (0) to full leaf (1), for four crops. */
  readonly crops: readonly [number, number, number, number]
  /** Grass on the hills, likewise. */
  readonly grass: number
  /** Haze: added to the visible bands, in units of reflectance / 10000. */
  readonly haze: number
}

/** Pixels of a scene, reflectance × 10000, 0 outside the imaged square. */
export interface ScenePixels {
  readonly size: number
  /** Red, green, blue, near infrared. */
  readonly bands: readonly [Uint16Array, Uint16Array, Uint16Array, Uint16Array]
  /** 255 = ground seen, 0 = outside or under a cloud. */
  readonly mask: Uint8Array
  /** Metres east and north of the city of the raster's upper left corner. */
  readonly corner: readonly [east: number, north: number]
}

/** Side of the imaged square in metres, and how far the orbit turns it. */
const side = 13_500
const turn = (12 * Math.PI) / 180

/** The square's corners, metres east and north of the city: upper left first, counter-clockwise. */
export function footprint(scene: Scene): [number, number][] {
  const half = side / 2
  const corners: [number, number][] = [
    [-half, half],
    [-half, -half],
    [half, -half],
    [half, half],
  ]
  return corners.map(([x, y]) => [
    scene.centre[0] + x * Math.cos(turn) - y * Math.sin(turn),
    scene.centre[1] + x * Math.sin(turn) + y * Math.cos(turn),
  ])
}

type Colour = readonly [red: number, green: number, blue: number, nir: number]

const bareSoil: Colour = [1950, 1600, 1180, 2650]
const leaves: Colour = [400, 760, 370, 4300]
const grassGreen: Colour = [780, 1050, 560, 3300]
const poplars: Colour = [360, 560, 330, 3000]
const yard: Colour = [1480, 1400, 1180, 2350]
const street: Colour = [1500, 1430, 1370, 1800]
const water: Colour = [520, 820, 800, 260]
const sand: Colour = [2250, 2020, 1650, 2900]
const rock: Colour = [1650, 1400, 1150, 2150]
const steppe: Colour = [2050, 1720, 1250, 2750]
const snow: Colour = [7600, 7700, 7800, 7000]
const cloudTop: Colour = [7200, 7250, 7400, 7000]
const roofs: readonly Colour[] = [
  [2050, 1850, 1620, 2450],
  [1750, 1580, 1420, 2150],
  [2350, 1950, 1650, 2600],
  [2650, 2600, 2550, 2850],
  [1450, 1520, 1720, 1900],
  [2200, 1650, 1350, 2500],
]

/** Takes the image. The landscape must cover the scene, and their grids must meet (both corners are multiples of the pixel size). */
export function takeScene(landscape: Landscape, scene: Scene): ScenePixels {
  const { pixelSize } = landscape
  const reach = (side / 2) * (Math.cos(turn) + Math.sin(turn))
  const left = Math.floor((scene.centre[0] - reach) / pixelSize) * pixelSize
  const top = Math.ceil((scene.centre[1] + reach) / pixelSize) * pixelSize
  const size = Math.ceil((2 * reach) / pixelSize) + 1
  const bands = [0, 1, 2, 3].map(() => new Uint16Array(size * size)) as unknown as ScenePixels['bands']
  const mask = new Uint8Array(size * size)
  const seed = Number(scene.datetime.slice(5, 7))
  const threshold = 1 - scene.cloud
  for (let row = 0, at = 0; row < size; row++) {
    const north = top - (row + 0.5) * pixelSize
    const line = Math.round((landscape.top - top) / pixelSize) + row
    for (let column = 0; column < size; column++, at++) {
      const east = left + (column + 0.5) * pixelSize
      if (!isInside(scene, east, north)) continue
      const source = line * landscape.width + Math.round((left - landscape.left) / pixelSize) + column
      const cloud =
        scene.cloud > 0 ? ramp(fractal(east / 2600, north / 2600, 70 + seed, 5), threshold - 0.06, threshold + 0.05) : 0
      mask[at] = cloud > 0.04 ? 0 : 255
      // The sensor's grain, ± 1.5 %.
      const grain = 1 + 0.03 * (hash(column, row, 80 + seed) - 0.5)
      const ground = reflectance(landscape, source, east, north, scene.season)
      for (let band = 0; band < 4; band++) {
        const haze = band < 3 ? scene.season.haze * (0.7 + 0.25 * band) : 0
        const value = mix((ground[band] ?? 0) * (landscape.shade[source] ?? 1) + haze, cloudTop[band] ?? 0, cloud)
        ;(bands[band] as Uint16Array)[at] = Math.max(1, Math.round(value * grain))
      }
    }
  }
  return { size, bands, mask, corner: [left, top] }
}

function isInside(scene: Scene, east: number, north: number): boolean {
  const x = east - scene.centre[0]
  const y = north - scene.centre[1]
  const along = x * Math.cos(turn) + y * Math.sin(turn)
  const across = y * Math.cos(turn) - x * Math.sin(turn)
  return Math.abs(along) < side / 2 && Math.abs(across) < side / 2
}

function reflectance(landscape: Landscape, at: number, east: number, north: number, season: Season): Colour {
  const kind = landscape.kind[at] ?? 0
  switch (landscape.cover[at]) {
    case cover.field: {
      const leaf = season.crops[kind & 3] ?? 0
      // A field is not of one piece: wet spots, poor spots.
      const plot = ((kind * 37) % 61) / 60
      const growth = Math.min(
        1,
        Math.max(0, leaf + 0.5 * (plot - 0.5) + 0.3 * (noise(east / 120, north / 120, 61) - 0.5)),
      )
      return blend(bareSoil, leaves, growth, 0.85 + 0.4 * (((kind * 53) % 59) / 58))
    }
    case cover.trees:
      return blend(poplars, poplars, 0, 0.8 + 0.5 * hash(Math.floor(east / 10), Math.floor(north / 10), 62))
    case cover.roof:
      // A pixel of 10 m holds a roof, its yard and the shadow between.
      return blend(
        roofs[kind % roofs.length] as Colour,
        yard,
        0.55,
        0.92 + 0.2 * hash(Math.floor(east / 30), Math.floor(north / 30), 60),
      )
    case cover.garden:
      return blend(poplars, yard, 0.5, 0.85 + 0.3 * hash(Math.floor(east / 20), Math.floor(north / 20), 59))
    case cover.street:
      return street
    case cover.water:
      return blend(water, sand, 0.12 * noise(east / 90, north / 60, 63), 1)
    case cover.sand:
      return blend(sand, steppe, noise(east / 60, north / 60, 64), 1)
    case cover.rock:
      return blend(
        rock,
        grassGreen,
        0.7 * season.grass * ramp(fractal(east / 500, north / 500, 65, 3), 0.4, 0.75),
        0.8 + 0.4 * noise(east / 90, north / 90, 66),
      )
    case cover.snow:
      return blend(snow, rock, 0.25 * noise(east / 70, north / 70, 67), 1)
    default:
      return blend(
        steppe,
        grassGreen,
        season.grass * fractal(east / 700, north / 700, 68, 3),
        0.85 + 0.3 * noise(east / 150, north / 150, 69),
      )
  }
}

function blend(a: Colour, b: Colour, share: number, brightness: number): Colour {
  return [
    mix(a[0], b[0], share) * brightness,
    mix(a[1], b[1], share) * brightness,
    mix(a[2], b[2], share) * brightness,
    mix(a[3], b[3], share) * brightness,
  ]
}
