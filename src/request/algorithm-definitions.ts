/** A number that an algorithm takes: its range, both ends included, and what it is when it is not given. */
export interface AlgorithmParameter {
  readonly title: string
  readonly type: 'integer' | 'number'
  readonly minimum: number
  readonly maximum: number
  /** Null: it may also be null, and is when it is not given. */
  readonly default: number | null
}

/** What is told about an algorithm: bands and type of what it takes and gives, null where that depends on the image. */
export interface AlgorithmDefinition {
  readonly title: string
  readonly description: string
  readonly inputs: { readonly nbands: number | null }
  readonly outputs: {
    readonly nbands: number | null
    readonly dtype: string | null
    readonly min: readonly number[] | null
    readonly max: readonly number[] | null
  }
  readonly parameters: Readonly<Record<string, AlgorithmParameter>>
}

const buffer: AlgorithmParameter = { title: 'Buffer', type: 'integer', minimum: 0, maximum: 99, default: 3 }
const zExaggeration: AlgorithmParameter = {
  title: 'Z Exaggeration',
  type: 'number',
  minimum: 1e-6,
  maximum: 1e6,
  default: 1,
}
const height = (title: string, initial: number | null): AlgorithmParameter => ({
  title,
  type: 'number',
  minimum: -99_999,
  maximum: 99_999,
  default: initial,
})
const wholeHeight = (title: string, initial: number): AlgorithmParameter => ({
  ...height(title, initial),
  type: 'integer',
})

const outputs = (
  nbands: number | null,
  dtype: string | null,
  range: readonly [min: number, max: number] | null = null,
): AlgorithmDefinition['outputs'] => ({
  nbands,
  dtype,
  min: range === null ? null : [range[0]],
  max: range === null ? null : [range[1]],
})

/** Statistics over the bands of each pixel. */
const overBands = (title: string, noun: string, dtype: string | null): AlgorithmDefinition => ({
  title,
  description: `${noun} of each pixel’s bands`,
  inputs: { nbands: null },
  outputs: outputs(1, dtype),
  parameters: {},
})

/** The algorithms by name: titiler.core 2.3's, with its names, ranges and defaults. What they compute is in the render room. */
export const algorithmDefinitions: ReadonlyMap<string, AlgorithmDefinition> = new Map<string, AlgorithmDefinition>([
  [
    'hillshade',
    {
      title: 'Hillshade',
      description: 'Shaded relief of heights',
      inputs: { nbands: 1 },
      outputs: outputs(1, 'uint8'),
      parameters: {
        azimuth: { title: 'Azimuth', type: 'integer', minimum: 0, maximum: 360, default: 45 },
        angle_altitude: { title: 'Angle Altitude', type: 'number', minimum: -90, maximum: 90, default: 45 },
        buffer,
        z_exaggeration: zExaggeration,
      },
    },
  ],
  [
    'slope',
    {
      title: 'Slope',
      description: 'Steepness of heights in degrees',
      inputs: { nbands: 1 },
      outputs: outputs(1, 'float32', [0, 90]),
      parameters: { buffer, z_exaggeration: zExaggeration },
    },
  ],
  [
    'contours',
    {
      title: 'Contours',
      description: 'Contour lines over coloured heights',
      inputs: { nbands: 1 },
      outputs: outputs(3, 'uint8'),
      parameters: {
        increment: { title: 'Increment', type: 'integer', minimum: 0, maximum: 999, default: 35 },
        thickness: { title: 'Thickness', type: 'integer', minimum: 0, maximum: 10, default: 1 },
        minz: wholeHeight('Minz', -12_000),
        maxz: wholeHeight('Maxz', 8_000),
      },
    },
  ],
  [
    'normalizedIndex',
    {
      title: 'Normalized Difference Index',
      description: 'Difference of the second and first band over their sum',
      inputs: { nbands: 2 },
      outputs: outputs(1, 'float32', [-1, 1]),
      parameters: {},
    },
  ],
  [
    'terrarium',
    {
      title: 'Terrarium',
      description: 'Heights as colours in Terrarium’s encoding',
      inputs: { nbands: 1 },
      outputs: outputs(3, 'uint8'),
      parameters: { nodata_height: height('Nodata Height', null) },
    },
  ],
  [
    'terrainrgb',
    {
      title: 'TerrainRGB',
      description: 'Heights as colours in Mapbox’s Terrain-RGB encoding',
      inputs: { nbands: 1 },
      outputs: outputs(3, 'uint8'),
      parameters: {
        interval: { title: 'Interval', type: 'number', minimum: 0, maximum: 1, default: 0.1 },
        baseval: height('Baseval', -10_000),
        nodata_height: height('Nodata Height', null),
      },
    },
  ],
  ...(
    [
      ['cast', 'Cast data to Integer', 'Samples cut to whole numbers, as bytes'],
      ['ceil', 'Round data up', 'Samples rounded up, as bytes'],
      ['floor', 'Round data down', 'Samples rounded down, as bytes'],
    ] as const
  ).map(([name, title, description]): [string, AlgorithmDefinition] => [
    name,
    { title, description, inputs: { nbands: null }, outputs: outputs(null, 'uint8', [0, 255]), parameters: {} },
  ]),
  ['min', overBands('Min', 'Smallest', null)],
  ['max', overBands('Max', 'Largest', null)],
  ['median', overBands('Median', 'Median', 'float64')],
  ['mean', overBands('Mean', 'Mean', 'float64')],
  ['std', overBands('Standard deviation', 'Standard deviation (one degree of freedom less)', 'float64')],
  ['var', overBands('Variance', 'Variance (one degree of freedom less)', 'float64')],
  ['sum', overBands('Sum', 'Sum', null)],
  [
    'grayscale',
    {
      title: 'Grayscale',
      description: 'Luma of the first three bands (ITU-R BT.601)',
      inputs: { nbands: null },
      outputs: outputs(1, null),
      parameters: {},
    },
  ],
  [
    'bitonal',
    {
      title: 'Bitonal',
      description: '255 where a band, or the luma of three, is above 127, else 0',
      inputs: { nbands: null },
      outputs: outputs(1, 'uint8'),
      parameters: {},
    },
  ],
])
