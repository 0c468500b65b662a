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
  readonly inputs: number | null
  readonly outputs: number | null
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

const bandMath = (title: string): AlgorithmEntry => ({ title, inputs: null, outputs: 1, parameters: {} })

/** The eighteen algorithms of titiler-core 2.3, in its order. */
export const algorithmTable = {
  hillshade: {
    title: 'Hillshade',
    inputs: 1,
    outputs: 1,
    parameters: {
      azimuth: integer(45, 0, 360),
      angle_altitude: number(45, -90, 90),
      buffer,
      z_exaggeration: exaggeration,
    },
  },
  slope: { title: 'Slope', inputs: 1, outputs: 1, parameters: { buffer, z_exaggeration: exaggeration } },
  contours: {
    title: 'Contours',
    inputs: 1,
    outputs: 3,
    parameters: {
      increment: integer(35, 0, 999),
      thickness: integer(1, 0, 10),
      minz: integer(-12_000, -99_999, 99_999),
      maxz: integer(8_000, -99_999, 99_999),
    },
  },
  normalizedIndex: { title: 'Normalized Difference Index', inputs: 2, outputs: 1, parameters: {} },
  terrarium: { title: 'Terrarium', inputs: 1, outputs: 3, parameters: { nodata_height: nodataHeight } },
  terrainrgb: {
    title: 'Terrain-RGB',
    inputs: 1,
    outputs: 3,
    parameters: {
      interval: number(0.1, 0, 1),
      baseval: number(-10_000, -99_999, 99_999),
      nodata_height: nodataHeight,
    },
  },
  cast: { title: 'Cast data to Integer', inputs: null, outputs: null, parameters: {} },
  ceil: { title: 'Round data to the smallest integer', inputs: null, outputs: null, parameters: {} },
  floor: { title: 'Round data to the largest integer', inputs: null, outputs: null, parameters: {} },
  min: bandMath('Min'),
  max: bandMath('Max'),
  median: bandMath('Median'),
  mean: bandMath('Mean'),
  std: bandMath('Standard deviation'),
  var: bandMath('Variance'),
  sum: bandMath('Sum'),
  grayscale: { title: 'Transform a RGB Image to Grayscale', inputs: null, outputs: 1, parameters: {} },
  bitonal: { title: 'Transform an Image to Bitonal', inputs: null, outputs: 1, parameters: {} },
} as const satisfies Readonly<Record<string, AlgorithmEntry>>

export type AlgorithmName = keyof typeof algorithmTable

export const algorithmNames = Object.keys(algorithmTable) as readonly AlgorithmName[]
