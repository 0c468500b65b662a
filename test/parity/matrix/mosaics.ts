import type { Case, Query } from './case.ts'
import { pairwise } from './pairwise.ts'
import { tileCase } from './tile-case.ts'
import { sights } from './tiles.ts'

const selections = [
  ...['first', 'highest', 'lowest', 'mean', 'median', 'stdev', 'lastbandlow', 'lastbandhigh', 'count'],
] as const

const all = { exitwhenfull: false, skipcovered: false }

export function pixelSelectionCases(): Case[] {
  const rows = pairwise({
    source: ['byte', 'byte-mask', 'uint16', 'int16', 'float32', 'types', 'widening', 'places'],
    pixel_selection: selections,
    kernel: ['nearest', 'nearest', 'bilinear'],
    sight: sights,
  })
  const queries: Query[] = [
    { pixel_selection: 'first', items_limit: 2 },
    { pixel_selection: 'mean', items_limit: 1 },
    { pixel_selection: 'mean', scan_limit: 1 },
    { pixel_selection: 'mean', time_limit: 2 },
    { pixel_selection: 'count', exitwhenfull: true, skipcovered: false },
    { pixel_selection: 'count', exitwhenfull: true, skipcovered: true },
    { pixel_selection: 'count' },
    { pixel_selection: 'count', ...all, expression: 'b1*2' },
    { pixel_selection: 'mean', ...all, expression: '(b1-b2)/(b1+b2)' },
    { pixel_selection: 'highest', ...all, rescale: '0,200', colormap_name: null },
    { pixel_selection: 'lastbandhigh', ...all, assets: 'image|bidx=1' },
    { pixel_selection: 'mean', ...all, tilesize: 512, buffer: 2 },
    { pixel_selection: 'stdev', ...all, rescale: '0,50' },
    { pixel_selection: 'lastbandhight', ...all },
    { pixel_selection: 'sum', ...all },
  ]
  return [
    ...rows.map(({ source, sight, pixel_selection, kernel }) =>
      tileCase({
        group: 'pixel selection',
        source: `mosaic.${source}`,
        sight,
        query: { pixel_selection, resampling: kernel, reproject: kernel, ...all },
      }),
    ),
    ...queries.flatMap((query) =>
      ['mosaic.byte', 'mosaic.uint16', 'mosaic.band-counts'].map((source, index) =>
        tileCase({ group: 'pixel selection', source, sight: sights[(index * 2) % 5]!, query }),
      ),
    ),
  ]
}

export function algorithmCases(): Case[] {
  const params = (algorithm: string, algorithm_params?: object, more: Query = {}): Query => ({
    algorithm,
    ...(algorithm_params ? { algorithm_params: JSON.stringify(algorithm_params) } : {}),
    ...more,
  })
  const heights: Query[] = [
    params('hillshade'),
    params('hillshade', undefined, { buffer: 3 }),
    params('hillshade', { azimuth: 300, angle_altitude: 20.5, buffer: 0, z_exaggeration: 0.05 }),
    params('hillshade', { azimuth: 360, buffer: 10 }, { buffer: 10, reproject: 'bilinear', resampling: 'bilinear' }),
    params('slope', undefined, { buffer: 3 }),
    params('slope', { z_exaggeration: 4, buffer: 1 }),
    params('contours'),
    params('contours', { increment: 500, thickness: 10, minz: -1000, maxz: 5000 }),
    params('contours', { increment: 0 }),
    params('terrarium'),
    params('terrarium', { nodata_height: -50 }),
    params('terrainrgb'),
    params('terrainrgb', { interval: 1, baseval: -500, nodata_height: 12.5 }),
    ...['cast', 'ceil', 'floor', 'min', 'max', 'mean', 'median', 'sum', 'std', 'var'].map((name) => params(name)),
    params('bitonal'),
    params('hillshade', { azimuth: 400 }),
    params('contours', { thickness: 'a' }),
    params('unknown'),
    { algorithm: 'hillshade', algorithm_params: '{' },
  ]
  const bands: Query[] = [
    params('normalizedIndex'),
    ...['min', 'max', 'mean', 'median', 'sum', 'std', 'var', 'grayscale', 'bitonal', 'cast', 'terrarium'].map((name) =>
      params(name),
    ),
    params('grayscale', undefined, { rescale: '20,200', colormap_name: 'viridis' }),
    params('normalizedIndex', undefined, { rescale: '-1,1', color_formula: 'gamma r 1.2' }),
  ]
  const on = (sources: readonly string[], queries: readonly Query[]) =>
    queries.flatMap((query, index) =>
      sources.map((source, turn) => {
        const sight = (['native', 'mid', 'corner', 'deep'] as const)[(index + turn) % 4]!
        return tileCase({ group: 'algorithm', source, sight, query })
      }),
    )
  return [
    ...on(['int16-nodata.lonLat', 'float32.utmNorth', 'float64-nan.mercator'], heights),
    ...on(['byte-nodata.lonLat', 'uint16-nodata.mercator', 'float32-nan.utmNorth'], bands),
    ...on(['mosaic.int16'], heights.slice(0, 8)),
  ]
}
