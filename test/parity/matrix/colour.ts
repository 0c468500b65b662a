import type { Case, Query } from './case.ts'
import { tileCase } from './tile-case.ts'
import { sights } from './tiles.ts'

const rgb = ['byte-rgb.lonLat', 'byte-nodata.utmNorth', 'byte-mask.mercator'] as const
const single = ['byte.lonLat', 'classes', 'int16-nodata.utmNorth', 'float32-nan.lonLat'] as const
const png = '.png'

function each(group: string, sources: readonly string[], queries: readonly Query[], extension: string): Case[] {
  return queries.flatMap((query, index) =>
    sources.map((source, turn) => {
      return tileCase({ group, source, sight: sights[(index + turn) % sights.length]!, query, extension })
    }),
  )
}

/** Samples of one band of the wide files: as a colormap takes them. */
const oneBand = (query: Query): Query => ({ assets: 'image|bidx=1', ...query })

export function rescaleCases(): Case[] {
  const ranges: readonly (string | readonly string[])[] = [
    ...['0,255', '50,200', '-100,5000', '0.5,99.5', '[10,100]', '200,50', '5,5', '1e1,2e2'],
    ['0,100', '50,150', '100,250'],
    ['0,100', '50,150'],
  ]
  return each(
    'rescale',
    [
      'byte-rgb.lonLat',
      'uint16-nodata.utmNorth',
      'int16-nodata.mercator',
      'float32-nan.lonLat',
      'float64-mask.utmNorth',
    ],
    ranges.map((rescale) => ({ rescale })),
    '.npy',
  )
}

export function colorFormulaCases(): Case[] {
  const formulas = [
    ...['gamma rgb 1.5', 'gamma r 0.7', 'gamma b 2.2, gamma g 1.1', 'sigmoidal rgb 6 0.35', 'sigmoidal rg 15 0.1'],
    ...[
      'sigmoidal rgb -5 0.5',
      'sigmoidal rgb 0 0.5',
      'sigmoidal rgb 4 0',
      'saturation 1.4',
      'saturation 0.3',
      'saturation 1',
    ],
    ...['gamma RGB 3.5, saturation 1.7, sigmoidal RGB 15 0.35', 'GAMMA 123 1.2', 'gamma rgb 0.001', 'saturation 0'],
  ]
  return [
    ...each(
      'color formula',
      rgb,
      formulas.map((color_formula) => ({ color_formula })),
      '.npy',
    ),
    ...each(
      'color formula',
      ['uint16-nodata.lonLat', 'uint16.mercator'],
      formulas.slice(0, 12).map((color_formula) => ({ assets: 'image|bidx=1,2,3', color_formula })),
      '.npy',
    ),
    ...each(
      'color formula',
      ['int16-nodata.lonLat', 'float32-nan.utmNorth'],
      ['gamma r 1.5', 'sigmoidal r 6 0.5'].flatMap((color_formula) => [
        { color_formula },
        { color_formula, rescale: '0,100' },
      ]),
      '.npy',
    ),
  ]
}

export function colormapCases(): Case[] {
  const discrete = { 1: '#ff0000', 29: [0, 255, 0], 57: [0, 0, 255, 128], 85: '#fc0', 113: '#12345678', 141: '#fc08' }
  const table = Object.fromEntries(
    Array.from({ length: 256 }, (_, index) => [index, [index, 255 - index, (index * 3) % 256, 255]]),
  )
  const almost = Object.fromEntries(Object.entries(table).slice(0, 255))
  const intervals = [
    [
      [-1000, 20],
      [10, 20, 30, 255],
    ],
    [[20, 80.5], '#336699'],
    [[60, 140], '#ff000080'],
    [
      [140, 5000],
      [255, 255, 255],
    ],
  ]
  const names = [
    'viridis',
    'terrain',
    'rdylgn_r',
    'cfastie',
    'schwarzwald',
    'rplumbo',
    'tab20',
    'algae',
    'ice_r',
    'paired_r',
  ]
  const queries: Query[] = [
    ...names.map((colormap_name) => ({ colormap_name })),
    ...names.slice(0, 3).map((colormap_name) => ({ colormap_name, rescale: '10,180' })),
    ...[discrete, table, almost, intervals].flatMap((colormap) => {
      const text = JSON.stringify(colormap)
      return [{ colormap: text }, { colormap: text, rescale: '-10,240' }]
    }),
    { colormap: JSON.stringify(discrete), return_mask: false },
    { colormap: '{}' },
    { colormap: '[]' },
    { colormap: JSON.stringify(discrete), colormap_name: 'viridis' },
    { colormap_name: 'viridis', color_formula: 'gamma r 1.3', rescale: '0,200' },
  ]
  return each('colormap', single, queries.map(oneBand), png)
}

export function maskCases(): Case[] {
  const sources = [
    'byte-rgb.lonLat',
    'byte-nodata.lonLat',
    'byte-alpha-gradient.utmNorth',
    'byte-mask.mercator',
    'uint16-mask.lonLat',
  ]
  // Samples under a mask are nobody's business, but rescale makes them 0.
  const queries = [
    { return_mask: true },
    { return_mask: true, rescale: '10,90' },
    { return_mask: false, rescale: '20,200' },
  ]
  return ['.npy', '.png', '.tif', ''].flatMap((extension) => [
    ...each('mask', sources, queries, extension),
    tileCase({ group: 'mask', source: 'byte-rgb.lonLat', sight: 'native', extension, query: { return_mask: false } }),
  ])
}
