import type { DataType } from '../raster/data-type.ts'

/** A number an algorithm takes, with its default (null: none) and range, both ends included. */
export interface AlgorithmParameter {
  readonly type: 'integer' | 'number'
  readonly default: number | null
  readonly min: number
  readonly max: number
}

/** An algorithm as titiler registers it (titiler.core.algorithm); `inputs` and `outputs` are numbers of bands, null = any. */
export interface AlgorithmEntry {
  readonly title: string
  readonly description: string
  readonly inputs: number | null
  readonly outputs: number | null
  /** Type of the result; null = it depends on the image's. */
  readonly type: DataType | null
  /** Smallest and largest value of the result, where they are fixed. */
  readonly range: readonly [min: number, max: number] | null
  readonly parameters: Readonly<Record<string, AlgorithmParameter>>
}

const integer = (fallback: number, min: number, max: number): AlgorithmParameter => ({
  type: 'integer',
  default: fallback,
  min,
  max,
})
const number = (fallback: number | null, min: number, max: number): AlgorithmParameter => ({
  type: 'number',
  default: fallback,
  min,
  max,
})

const buffer = integer(3, 0, 99)
const exaggeration = number(1, 1e-6, 1e6)
const nodataHeight = number(null, -99_999, 99_999)

const none = { inputs: null, outputs: null, type: null, range: null, parameters: {} } as const
const bytes = { ...none, type: 'uint8', range: [0, 255] } as const

/** One band out of all bands of each pixel. */
const bandMath = (title: string, description: string, type: DataType | null): AlgorithmEntry => ({
  ...none,
  title,
  description: `${description} of each pixel’s bands`,
  outputs: 1,
  type,
})

/** The eighteen algorithms of titiler-core 2.3, in its order. What they compute is in the render room. */
export const algorithmTable = {
  hillshade: {
    ...none,
    title: 'Hillshade',
    description: 'Shaded relief of heights',
    inputs: 1,
    outputs: 1,
    type: 'uint8',
    parameters: {
      azimuth: integer(45, 0, 360),
      angle_altitude: number(45, -90, 90),
      buffer,
      z_exaggeration: exaggeration,
    },
  },
  slope: {
    title: 'Slope',
    description: 'Steepness of heights, in degrees',
    inputs: 1,
    outputs: 1,
    type: 'float32',
    range: [0, 90],
    parameters: { buffer, z_exaggeration: exaggeration },
  },
  contours: {
    ...none,
    title: 'Contours',
    description: 'Contour lines over coloured heights',
    inputs: 1,
    outputs: 3,
    type: 'uint8',
    parameters: {
      increment: integer(35, 0, 999),
      thickness: integer(1, 0, 10),
      minz: integer(-12_000, -99_999, 99_999),
      maxz: integer(8_000, -99_999, 99_999),
    },
  },
  normalizedIndex: {
    title: 'Normalized Difference Index',
    description: 'Difference of the second and the first band over their sum',
    inputs: 2,
    outputs: 1,
    type: 'float32',
    range: [-1, 1],
    parameters: {},
  },
  terrarium: {
    ...none,
    title: 'Terrarium',
    description: 'Heights as colours, in Terrarium’s encoding',
    inputs: 1,
    outputs: 3,
    type: 'uint8',
    parameters: { nodata_height: nodataHeight },
  },
  terrainrgb: {
    ...none,
    title: 'Terrain-RGB',
    description: 'Heights as colours, in Mapbox’s encoding',
    inputs: 1,
    outputs: 3,
    type: 'uint8',
    parameters: {
      interval: number(0.1, 0, 1),
      baseval: number(-10_000, -99_999, 99_999),
      nodata_height: nodataHeight,
    },
  },
  cast: { ...bytes, title: 'Cast data to Integer', description: 'Samples cut to whole numbers, as bytes' },
  ceil: { ...bytes, title: 'Round data up', description: 'Samples rounded up, as bytes' },
  floor: { ...bytes, title: 'Round data down', description: 'Samples rounded down, as bytes' },
  min: bandMath('Min', 'Smallest', null),
  max: bandMath('Max', 'Largest', null),
  median: bandMath('Median', 'Median', 'float64'),
  mean: bandMath('Mean', 'Mean', 'float64'),
  std: bandMath('Standard deviation', 'Sample standard deviation', 'float64'),
  var: bandMath('Variance', 'Sample variance', 'float64'),
  sum: bandMath('Sum', 'Sum', null),
  grayscale: {
    ...none,
    title: 'Transform a RGB Image to Grayscale',
    description: 'Luma of the first three bands (ITU-R BT.601)',
    outputs: 1,
  },
  bitonal: {
    ...none,
    title: 'Transform an Image to Bitonal',
    description: '255 where the band, or the luma of three, is above 127, else 0',
    outputs: 1,
    type: 'uint8',
  },
} as const satisfies Readonly<Record<string, AlgorithmEntry>>

export type AlgorithmName = keyof typeof algorithmTable

export const algorithmNames = Object.keys(algorithmTable) as readonly AlgorithmName[]
