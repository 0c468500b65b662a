import { lonLatOf } from '../imagery/footprint.ts'
import { type Case, type Comparison, type Query, queryText } from './case.ts'
import { named } from './tile-case.ts'
import { placeOf, tileOf } from './tiles.ts'

type Box = readonly [west: number, south: number, east: number, north: number]

/** Longitude and latitude of a point of the source's first file, to a millionth of a degree. */
function pointIn(source: string, across: number, down: number): readonly [lon: number, lat: number] {
  const { crs, origin, pixel, size } = placeOf(source)
  const [lon, lat] = lonLatOf(crs)([origin[0] + across * size[0] * pixel, origin[1] - down * size[1] * pixel])
  return [Number(lon.toFixed(6)), Number(lat.toFixed(6))]
}

function boxIn(source: string, [left, top, right, bottom]: Box): Box {
  const [west, north] = pointIn(source, left, top)
  const [east, south] = pointIn(source, right, bottom)
  return [Math.min(west, east), Math.min(south, north), Math.max(west, east), Math.max(south, north)]
}

function polygonIn(source: string): object {
  const ring = (
    [
      // On no corner of a pixel: there the last bit decides what an edge touches.
      [0.20137, 0.25291],
      [0.70411, 0.20173],
      [0.55239, 0.50347],
      [0.80193, 0.80271],
      [0.30419, 0.70211],
      [0.20137, 0.25291],
    ] as const
  ).map(([across, down]) => pointIn(source, across, down))
  return { type: 'Feature', properties: { name: 'a field' }, geometry: { type: 'Polygon', coordinates: [ring] } }
}

interface Ask {
  readonly source: string
  readonly path: string
  readonly query?: Query
  readonly body?: object
  readonly comparison?: Comparison
  readonly item?: boolean
}

function ask(group: string, { source, path, query = {}, body, comparison = 'json', item = false }: Ask): Case {
  const depth = path.startsWith('/assets/image/') ? 4 : 3
  return {
    group,
    name: [item ? 'item' : '', source, path.split('/').slice(0, depth).join('/'), named(query)]
      .filter(Boolean)
      .join(' '),
    source: { kind: item ? 'item' : 'search', name: source },
    path: `${path}${queryText(query)}`,
    comparison,
    ...(body ? { body } : {}),
  }
}

const image = { assets: 'image' }
const everyKind = [
  ...[
    'byte-rgb.lonLat',
    'byte-nodata.utmNorth',
    'byte-alpha.lonLat',
    'byte-mask.mercator',
    'uint16-nodata.mercator',
    'float32-nan.lonLat',
  ],
  ...[
    'float64-mask.utmNorth',
    'scaled',
    'palette',
    'rgb.rotated',
    'rgb.controlPoints',
    'int16-nodata.northPole',
    'rgb.ownCrs',
    'described',
  ],
]

export function pointCases(): Case[] {
  const spots = [
    [0.5, 0.5],
    [0.31, 0.77],
    [0.9, 0.1],
    [0.02, 0.02],
    [1.2, 0.5],
  ] as const
  const queries: Query[] = [
    image,
    { ...image, nodata: 0 },
    { ...image, unscale: true },
    { ...image, expression: 'b1*2' },
    { assets: 'image|bidx=1' },
  ]
  const both = everyKind.flatMap((source, index) =>
    spots.flatMap((spot, turn) => {
      const path = `/point/${pointIn(source, spot[0], spot[1]).join(',')}`
      const query = queries[(index + turn) % queries.length]!
      return [false, true].map((item) => ask('point', { source, path, query, item }))
    }),
  )
  const mosaics = ['mosaic.byte', 'mosaic.float32', 'mosaic.places'].flatMap((source) =>
    spots.flatMap((spot) => {
      const at = pointIn(source, spot[0], spot[1]).join(',')
      return [
        ask('point', { source, path: `/point/${at}`, query: { ...image, exitwhenfull: false, skipcovered: false } }),
        ask('point', { source, path: `/point/${at}/assets` }),
      ]
    }),
  )
  const projected = ask('point', {
    source: 'byte-rgb.lonLat',
    path: '/point/1150000,5900000',
    query: { ...image, coord_crs: 'EPSG:3857' },
  })
  return [...both, ...mosaics, projected]
}

export function statisticsCases(): Case[] {
  const queries: Query[] = [
    image,
    { ...image, max_size: 128 },
    { ...image, p: [5, 50, 95], histogram_bins: 7 },
    { ...image, histogram_bins: '0,50,100,150,255' },
    { ...image, histogram_range: '20,180', expression: 'b1*2' },
    { ...image, categorical: true, max_size: 64 },
    { ...image, categorical: true, c: [10, 20, 30], max_size: 64 },
    { ...image, dst_crs: 'EPSG:3857', max_size: 200 },
    { ...image, cover_scale: 25 },
    { ...image, algorithm: 'min' },
    { ...image, nodata: 100, unscale: true },
  ]
  const features = everyKind.flatMap((source, index) =>
    [0, 1].map((turn) => {
      const query = queries[(index + turn * 5) % queries.length]!
      return ask('statistics', { source, path: '/statistics', query, body: polygonIn(source) })
    }),
  )
  const mosaics = ['mosaic.byte', 'mosaic.uint16', 'mosaic.float32'].flatMap((source) =>
    queries
      .slice(0, 6)
      .map((query) => ask('statistics', { source, path: '/statistics', query, body: polygonIn(source) })),
  )
  const itemsOnes = everyKind.flatMap((source, index) => {
    const { dst_crs, cover_scale, ...query } = queries[index % queries.length]!
    return [
      ask('statistics', { source, path: '/statistics', query, item: true }),
      ask('statistics', {
        source,
        path: '/statistics',
        query: queries[(index + 3) % 9]!,
        body: polygonIn(source),
        item: true,
      }),
      ask('statistics', { source, path: '/asset_statistics', query: { ...image, max_size: 128 }, item: true }),
    ]
  })
  const collection = ask('statistics', {
    source: 'byte-rgb.lonLat',
    path: '/statistics',
    query: { ...image, p: 25 },
    body: { type: 'FeatureCollection', features: [polygonIn('byte-rgb.lonLat'), polygonIn('byte-nodata.lonLat')] },
  })
  return [...features, ...mosaics, ...itemsOnes, collection]
}

export function partCases(): Case[] {
  const queries: readonly (readonly [size: string, query: Query])[] = [
    ['', image],
    ['', { ...image, max_size: 200 }],
    ['/320x240', image],
    ['', { ...image, width: 150 }],
    ['', { ...image, height: 131 }],
    ['', { ...image, dst_crs: 'EPSG:3857', max_size: 256 }],
    ['/100x100', { ...image, dst_crs: 'EPSG:32633', reproject: 'bilinear' }],
    ['', { ...image, max_size: 128, resampling: 'average', reproject: 'average' }],
    ['', { ...image, max_size: 300, expression: 'b1*2' }],
  ]
  const sources = [...everyKind, 'mosaic.byte', 'mosaic.int16', 'int16-nodata.arctic']
  return sources.flatMap((source, index) =>
    [0, 4].flatMap((turn) => {
      const [size, query] = queries[(index + turn) % queries.length]!
      const box = boxIn(source, [0.12, 0.2, 0.61, 0.83]).join(',')
      const outer = boxIn(source, [-0.15, -0.1, 0.4, 0.5]).join(',')
      const smooth = query.reproject !== undefined
      const comparison = smooth ? 'smooth' : 'nearest'
      const end = `${size}.npy`
      const item = turn === 4 && !source.startsWith('mosaic')
      return [
        ask('bbox', { source, path: `/bbox/${box}${end}`, query, comparison, item }),
        ask('bbox', { source, path: `/bbox/${outer}${end}`, query, comparison, item }),
        ask('feature', { source, path: `/feature${end}`, query, body: polygonIn(source), comparison, item }),
      ]
    }),
  )
}

export function previewCases(): Case[] {
  const queries: readonly (readonly [size: string, query: Query])[] = [
    ['', image],
    ['', { ...image, max_size: 200 }],
    ['/90x120', image],
    ['', { ...image, width: 77, resampling: 'bilinear' }],
    ['', { ...image, dst_crs: 'EPSG:3857', max_size: 300 }],
    ['', { ...image, dst_crs: 'EPSG:4326', max_size: 111, reproject: 'bilinear' }],
  ]
  return everyKind.flatMap((source, index) =>
    [0, 2, 4].map((turn) => {
      const [size, query] = queries[(index + turn) % queries.length]!
      const smooth = query.reproject !== undefined || query.resampling !== undefined
      return ask('preview', {
        source,
        path: `/preview${size}.npy`,
        query,
        comparison: smooth ? 'smooth' : 'nearest',
        item: true,
      })
    }),
  )
}

export function itemCases(): Case[] {
  const documents = everyKind.flatMap((source) => [
    ask('item', { source, path: '/info', query: image, item: true }),
    ask('item', { source, path: '/info.geojson', query: image, item: true }),
    ask('item', { source, path: '/WebMercatorQuad/tilejson.json', query: image, item: true }),
  ])
  const lists = ['assets', 'byte-rgb.lonLat'].flatMap((source) => [
    ask('item', { source, path: '/assets', item: true }),
    ask('item', { source, path: '/tiles', item: true }),
    ask('item', { source, path: '/tiles/WebMercatorQuad', item: true }),
    ask('item', { source, path: '/info', query: { assets: ':all:' }, item: true }),
    ask('item', { source, path: '/renders', item: true }),
  ])
  const mosaics = ['mosaic.byte', 'mosaic.places'].flatMap((source) => [
    ask('item', { source, path: `/tiles/WebMercatorQuad/${tileOf(source, 'mid')}/assets` }),
    ask('item', { source, path: '/tiles' }),
    ask('item', { source, path: '/tiles/WebMercatorQuad' }),
    ask('item', { source, path: '/WebMercatorQuad/tilejson.json', query: { ...image, rescale: '0,200' } }),
    ask('item', { source, path: `/bbox/${boxIn(source, [0.1, 0.1, 0.5, 0.5]).join(',')}/assets` }),
  ])
  const files = ['palette', 'palette.mercator', 'byte-rgb.lonLat', 'uint16-nodata.mercator'].flatMap((source) => {
    const root = '/assets/image'
    const tile = `${root}/tiles/WebMercatorQuad/${tileOf(source, 'mid')}.npy`
    const box = `${root}/bbox/${boxIn(source, [0.2, 0.3, 0.7, 0.9]).join(',')}/64x48.npy`
    const pixels = { source, comparison: 'nearest', item: true } as const
    return [
      ask('item', { ...pixels, path: `${root}/preview.npy`, query: { max_size: 200 } }),
      ask('item', {
        ...pixels,
        path: `${root}/preview.npy`,
        query: { max_size: 99, bidx: 1, colormap_name: 'terrain' },
      }),
      ask('item', { ...pixels, path: tile, query: { bidx: 1 } }),
      ask('item', { ...pixels, path: tile, query: { bidx: 1, rescale: '0,20' } }),
      ask('item', { ...pixels, path: box, query: { expression: 'b1*2' } }),
      ask('item', { ...pixels, path: `${root}/feature/50x40.npy`, query: { bidx: 1 }, body: polygonIn(source) }),
      ask('item', { source, item: true, path: `${root}/info` }),
      ask('item', { source, item: true, path: `${root}/WebMercatorQuad/tilejson.json` }),
    ]
  })
  return [...documents, ...lists, ...mosaics, ...files]
}
