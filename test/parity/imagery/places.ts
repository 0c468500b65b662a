import type { Place } from './file-spec.ts'

const size = [700, 600] as const

/** Where files lie. Pixels of about 100 m where nothing speaks against it: zooms 9 to 12 of WebMercatorQuad are then around native. */
export const places = {
  lonLat: { crs: 'EPSG:4326', origin: [10, 47], pixel: 0.001, size },
  mercator: { crs: 'EPSG:3857', origin: [1_200_050, 6_000_030], pixel: 100, size },
  /** On the 256-pixel tile grid of zoom 10: its pixels are those of the tiles. */
  mercatorOnGrid: {
    crs: 'EPSG:3857',
    origin: [1_252_344.271424327, 6_026_906.806230115],
    pixel: 152.8740565703525,
    size: [768, 512],
  },
  utmNorth: { crs: 'EPSG:32633', origin: [400_000, 5_500_000], pixel: 60, size },
  utmSouth: { crs: 'EPSG:32756', origin: [300_000, 6_250_000], pixel: 60, size },
  /** NAD83, no shift to WGS 84. */
  utmAmerica: { crs: 'EPSG:26915', origin: [400_000, 4_900_000], pixel: 60, size },
  europe: { crs: 'EPSG:3035', origin: [4_000_000, 3_000_000], pixel: 250, size },
  france: { crs: 'EPSG:2154', origin: [600_000, 6_600_000], pixel: 100, size },
  /** A datum shift. */
  britain: { crs: 'EPSG:27700', origin: [400_000, 400_000], pixel: 100, size },
  /** Oblique Mercator. */
  switzerland: { crs: 'EPSG:2056', origin: [2_580_000, 1_220_000], pixel: 100, size },
  america: { crs: 'EPSG:5070', origin: [-200_000, 1_900_000], pixel: 200, size },
  equalArea: { crs: 'EPSG:6933', origin: [1_000_000, 4_000_000], pixel: 500, size },
  /** No EPSG code. */
  ownCrs: {
    crs: '+proj=laea +lat_0=10 +lon_0=20 +datum=WGS84 +units=m',
    origin: [-100_000, 100_000],
    pixel: 300,
    size,
  },
  /** MODIS. */
  sinusoidal: { crs: '+proj=sinu +R=6371007.181 +units=m', origin: [1_000_000, 5_200_000], pixel: 500, size },
  arctic: { crs: 'EPSG:3995', origin: [1_000_000, -1_500_000], pixel: 1_000, size },
  antarctic: { crs: 'EPSG:3031', origin: [500_000, 1_500_000], pixel: 1_000, size },
  /** The pole lies inside. */
  northPole: { crs: 'EPSG:3995', origin: [-350_500, 300_500], pixel: 1_000, size },
  southPole: { crs: 'EPSG:3031', origin: [-350_000, 300_000], pixel: 1_000, size },
  nearPole: { crs: 'EPSG:4326', origin: [20, 90], pixel: 0.02, size: [500, 500] },
  world: { crs: 'EPSG:4326', origin: [-180, 90], pixel: 0.25, size: [1_440, 720] },
  worldMercator: {
    crs: 'EPSG:3857',
    origin: [-20_037_508.342789244, 20_037_508.342789244],
    pixel: 39_135.75848201024,
    size: [1_024, 1_024],
  },
  /** Longitudes beyond 180. */
  antimeridian: { crs: 'EPSG:4326', origin: [178.5, -16], pixel: 0.005, size: [600, 500] },
  /** Zone 60 reaches over the antimeridian. */
  utmAntimeridian: { crs: 'EPSG:32760', origin: [700_000, 8_200_000], pixel: 500, size: [600, 500] },
  /** The two above, 90 degrees further west. */
  antimeridianTwin: { crs: 'EPSG:4326', origin: [88.5, -16], pixel: 0.005, size: [600, 500] },
  utmAntimeridianTwin: { crs: 'EPSG:32745', origin: [700_000, 8_200_000], pixel: 500, size: [600, 500] },
  newZealand: { crs: 'EPSG:2193', origin: [1_500_000, 5_400_000], pixel: 100, size },
  rotated: { crs: 'EPSG:32633', origin: [400_000, 5_500_000], pixel: 60, size, skew: 14 },
  controlPoints: { crs: 'EPSG:4326', origin: [10, 47], pixel: 0.001, size, groundControlPoints: true },
  /** Fewer pixels than a tile has. */
  tiny: { crs: 'EPSG:4326', origin: [10, 47], pixel: 0.01, size: [23, 17] },
} as const satisfies Record<string, Place>
