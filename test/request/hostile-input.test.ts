import { describe, expect, test } from 'vitest'
import { TilepressError } from '../../src/errors.ts'
import { parseExpression } from '../../src/expression/parse-expression.ts'
import { queryKey } from '../../src/key/query-key.ts'
import { layerKey, renderHash } from '../../src/key/tile-key.ts'
import { parseRunRequest } from '../../src/prerender/run-request.ts'
import { parseFeatures } from '../../src/request/area-geometry.ts'
import { parseAssets } from '../../src/request/asset-parameters.ts'
import { fromCanonical, toCanonical } from '../../src/request/canonical.ts'
import { parseJson } from '../../src/request/json-text.ts'
import { isAll, QueryParser } from '../../src/request/parse-query-request.ts'
import { parseFormat, TileRequestParser } from '../../src/request/parse-tile-request.ts'
import { parseBox, parseCrs, parsePosition } from '../../src/request/place.ts'
import { fromCanonicalQuery, type Query, toCanonicalQuery } from '../../src/request/query-request.ts'
import { parseInteger, parseNumber } from '../../src/request/query-values.ts'
import type { Layer } from '../../src/request/tile-request.ts'
import { parseCql2Text } from '../../src/search/cql2/parse-cql2-text.ts'
import { parseItemFilters } from '../../src/search/item-filters.ts'
import { parseSearchBody } from '../../src/search/search-body.ts'
import { parseSearchPage } from '../../src/search/search-list.ts'
import { randomNumbers } from '../prerender/random-numbers.ts'
import { searchLimits } from '../support/search-limits.ts'

const RUNS = 3_000

type Random = () => number
const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!
const shuffled = <T>(random: Random, values: readonly T[]): T[] =>
  values
    .map((value) => [random(), value] as const)
    .sort(([a], [b]) => a - b)
    .map(([, value]) => value)

/** What a parameter may be given as: right, wrong at its edges, and nonsense that some parser somewhere fell over. */
const nonsense = [
  ...[
    '',
    ' ',
    '\0',
    '\r\nX-Evil: 1',
    '☃',
    '\ud800',
    '😀'.repeat(9),
    '__proto__',
    'constructor',
    '../../etc/passwd',
    '%00',
  ],
  ...[
    'nan',
    'NaN',
    '-inf',
    'Infinity',
    '1e999',
    '-1e999',
    '1e308',
    '-0',
    '0',
    '00',
    '1_0',
    '0x10',
    '+1',
    '1.',
    '.5',
    '1e',
    '--1',
  ],
  ...[
    '2147483648',
    '9007199254740993',
    '18446744073709551616',
    '-9223372036854775809',
    '1,2',
    '1,2,3,4',
    ',',
    ';',
    '|',
    '||=',
    '&',
    '=',
  ],
  ...[
    '{',
    '[]',
    '{}',
    'null',
    '"',
    '[[[[[[[[[[]]]]]]]]]]',
    '{"__proto__":{"polluted":1}}',
    '{"1":"#fff"}',
    '[[[0,1],"#000"]]',
    '[[[1e999,2],"#fff"]]',
  ],
  ...[
    "'; DROP TABLE items; --",
    '<script>',
    '{{7*7}}',
    'a'.repeat(300),
    '1'.repeat(400),
    '('.repeat(200),
    ')'.repeat(200),
  ],
]

const sensible: Readonly<Record<string, readonly string[]>> = {
  assets: [
    'image',
    'image|bidx=3,2,1',
    'image|bands=red,nir',
    'image|expression=b1/b2',
    'a|bidx=1|bidx=2',
    'x|other=1',
  ],
  expression: [
    'b1',
    'b1/b2;b2',
    '(b1-b2)/(b1+b2)',
    'where(b1>3,b2,0)',
    '9**9**9*b1',
    'b1+'.repeat(99),
    '-'.repeat(99),
    'b99999',
  ],
  asset_as_band: ['true', 'off'],
  nodata: ['0', '-9999', 'nan', '-inf', '1e-320'],
  unscale: ['true', 'no'],
  resampling: ['bilinear', 'rms', 'toString'],
  reproject: ['med', 'valueOf'],
  pixel_selection: ['mean', 'count'],
  algorithm: ['hillshade', 'terrainrgb', '__proto__'],
  algorithm_params: ['{"azimuth":300}', '{"azimuth":"3_0","buffer":null}', '{"buffer":1e999}'],
  rescale: ['0,1', '[0,3000]', '-1.5,2e3', '5,5', '9,-9'],
  color_formula: ['gamma RGB 1.5', 'sigmoidal RGB 15 0.35, saturation 1.2', 'gamma rgb 0'],
  colormap_name: ['viridis', 'VIRIDIS'],
  colormap: ['{"1":"#ff0000","2":[0,255,0,128]}', '[[[0,10],"#f00"]]', '{"1.5":"#fff"}', '[[[-1e400,0],"#fff"]]'],
  return_mask: ['false'],
  tilesize: ['512', '2048', '0', '2049'],
  buffer: ['1', '0.5', '128.5', '0.25'],
  padding: ['16', '129'],
  scan_limit: ['1', '1000001'],
  items_limit: ['10'],
  time_limit: ['5'],
  exitwhenfull: ['false'],
  skipcovered: ['0'],
  max_size: ['512', '4097'],
  width: ['10'],
  coord_crs: ['EPSG:3857', 'urn:ogc:def:crs:EPSG::4326', 'http://evil/x', 'EPSG:4326\r\nX: 1'],
  dst_crs: ['OGC:CRS84', '/etc/passwd', 'EPSG:99999999999999999'],
  p: ['5', '101'],
  c: ['1', '2.5'],
  categorical: ['true'],
  histogram_bins: ['8', '0,10,20', '5000', '3,2,1'],
  histogram_range: ['0,10', '5,1'],
  ids: ['a,b', ','.repeat(200)],
  bbox: ['0,0,1,1', '1,0,0,1', '0,0,0,1,1,1'],
  datetime: ['2024-06-01T00:00:00Z/..', '2024-13-01', '../..'],
  query: ['{"eo:cloud_cover":{"lt":10}}', '{"__proto__":{"lt":1e999}}'],
  sortby: ['-datetime,gsd', '+'.repeat(99)],
  filter: [
    "eo:cloud_cover < 10 AND platform = 'x'",
    `${'NOT '.repeat(99)}a = 1`,
    'a < 1e999',
    '{"op":"=","args":[{"property":"a"},1]}',
  ],
  'filter-lang': ['cql2-json', 'cql2-text'],
  limit: ['10'],
  offset: ['5'],
}
const names = Object.keys(sensible)

function randomPairs(random: Random): [string, string][] {
  const count = 1 + Math.floor(random() * 8)
  const pairs = Array.from({ length: count }, (): [string, string] => {
    const name = random() < 0.97 ? pick(random, names) : pick(random, nonsense)
    const values = random() < 0.8 ? (sensible[name] ?? nonsense) : nonsense
    return [name, pick(random, values)]
  })
  // Most requests have it, and nothing else is looked at without it.
  return random() < 0.9 ? [['assets', pick(random, sensible.assets!)], ...pairs] : pairs
}

function randomJson(random: Random, levels = 4): unknown {
  const kind = random()
  if (levels === 0 || kind < 0.5) {
    return pick(random, [
      0,
      -1,
      1.5,
      1e308,
      -1e308,
      2 ** 53,
      null,
      true,
      '',
      'a',
      '__proto__',
      [],
      {},
      '☃',
      'Polygon',
      'Feature',
    ])
  }
  const length = Math.floor(random() * 5)
  if (kind < 0.7) return Array.from({ length }, () => randomJson(random, levels - 1))
  const members = [
    'type',
    'geometry',
    'coordinates',
    'features',
    'properties',
    'collections',
    'ids',
    'bbox',
    'filter',
    'op',
    'args',
  ]
  const others = [
    '__proto__',
    'constructor',
    'toString',
    'metadata',
    'zooms',
    'collection',
    'parameters',
    'assets',
    'intersects',
    'query',
    'sortby',
  ]
  const entries = Array.from(
    { length },
    () => [pick(random, [...members, ...others]), randomJson(random, levels - 1)] as const,
  )
  // As JSON.parse makes it: a member of its own, whatever its name.
  return JSON.parse(`{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`)
}

/** What it makes, or null where it refuses: it may throw nothing else than our own error, of the client's making. */
function outcomeOf<T>(make: () => T): T | null {
  try {
    return make()
  } catch (error) {
    if (error instanceof TilepressError && error.caller) return null
    throw error
  }
}

const layers: readonly Layer[] = [
  { kind: 'search', id: 'a'.repeat(32) },
  { kind: 'collection', id: 'c' },
  { kind: 'item', collection: 'c', id: 'i' },
  { kind: 'asset', collection: 'c', item: 'i', id: 'a' },
]

describe('random requests', () => {
  test('for tiles are refused as the client’s error or have one key, whatever the order of their parameters', () => {
    const random = randomNumbers(1)
    let taken = 0
    for (let run = 0; run < RUNS; run++) {
      const pairs = randomPairs(random)
      const parse = (given: readonly [string, string][]) =>
        outcomeOf(() => new TileRequestParser(searchLimits).parseRender(new URLSearchParams([...given]).toString()))
      const render = parse(pairs)
      // Values of one name keep their order, which means something.
      const order = shuffled(random, [...new Set(pairs.map(([name]) => name))])
      const other = parse(order.flatMap((name) => pairs.filter(([each]) => each === name)))
      expect(other === null, JSON.stringify(pairs)).toBe(render === null)
      if (render === null || other === null) continue
      taken++
      expect(renderHash(other), JSON.stringify(pairs)).toBe(renderHash(render))
      const travelled = fromCanonical(JSON.parse(JSON.stringify(toCanonical(render))))
      expect(travelled, JSON.stringify(pairs)).toEqual(render)
      expect(renderHash(travelled)).toBe(renderHash(render))
    }
    expect(taken).toBeGreaterThan(RUNS / 20)
  })

  test('for anything else are refused as the client’s error or are the same when they have travelled in a job', () => {
    const random = randomNumbers(2)
    const parser = new QueryParser(new TileRequestParser(searchLimits))
    const places = [
      '1,2',
      '1,2,3,4',
      '10,40,14,44.png',
      '1e999,0',
      'nan,nan',
      '-180,-90,180,90.jpg',
      '1e308,1,1,1',
      '☃',
      '1,2,3,4.__proto__',
    ]
    const sizes = [null, '10x10.png', '0x1.png', '99999x1.png', '4097x1.png', '-1x1.png', '10x10', '1e1x1.png']
    let taken = 0
    for (let run = 0; run < RUNS; run++) {
      const query = new URLSearchParams(randomPairs(random)).toString()
      const layer = pick(random, layers)
      const size = pick(random, sizes)
      const parsed = outcomeOf((): Query => {
        switch (Math.floor(random() * 6)) {
          case 0:
            return parser.point(layer, pick(random, places), query)
          case 1:
            return parser.box(layer, pick(random, places), size, query)
          case 2:
            return parser.feature(layer, randomFeature(random), size, pick(random, [null, 'png', 'gif']), query)
          case 3:
            return parser.featureStatistics(layer, randomFeature(random), query)
          case 4:
            return parser.info(layer, ['x'], random() < 0.5, query)
          default:
            return parser.statistics(layer, query)
        }
      })
      if (parsed === null) continue
      taken++
      const travelled = fromCanonicalQuery(JSON.parse(JSON.stringify(toCanonicalQuery(parsed))))
      expect(travelled, query).toEqual(parsed)
      const key = (one: Query) => queryKey({ layer, generation: 0, query: one })
      expect(key(travelled)).toBe(key(parsed))
    }
    expect(taken).toBeGreaterThan(RUNS / 20)
  })

  test('with filters or for pages are refused, or mean the same in any order', () => {
    const random = randomNumbers(3)
    for (let run = 0; run < RUNS; run++) {
      const pairs = randomPairs(random)
      // The first of a name counts.
      const once = [...new Map(pairs.toReversed())]
      const filters = outcomeOf(() => parseItemFilters(new URLSearchParams(once)))
      expect(outcomeOf(() => parseItemFilters(new URLSearchParams(shuffled(random, once))))).toEqual(filters)
      outcomeOf(() => parseSearchPage(new URLSearchParams(pairs)))
      outcomeOf(() => isAll(new URLSearchParams(pairs)))
    }
  })

  test('with bodies of any JSON are refused or taken, and change no object but their own', () => {
    const random = randomNumbers(4)
    const parser = new TileRequestParser(searchLimits)
    for (let run = 0; run < RUNS; run++) {
      const body = randomJson(random)
      outcomeOf(() => parseSearchBody(body))
      outcomeOf(() => parseFeatures(body))
      outcomeOf(() => parseRunRequest(body, parser))
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test('with random texts for expressions and filters are refused or taken', () => {
    const random = randomNumbers(5)
    const words = [
      'b1',
      'b2',
      'b0',
      '1',
      '2.5',
      '1e400',
      '+',
      '-',
      '*',
      '/',
      '**',
      '//',
      '%',
      '&',
      '|',
      '~',
      '<',
      '==',
      '(',
      ')',
      ',',
      ';',
      'where',
      'sqrt',
      'abs',
      '\n',
      '#',
    ]
    const conditions = [
      'a',
      'eo:cloud_cover',
      '"a b"',
      "'text'",
      '1',
      '1e400',
      '=',
      '<>',
      'AND',
      'OR',
      'NOT',
      'LIKE',
      'BETWEEN',
      'IN',
      'IS',
      'NULL',
      '(',
      ')',
      ',',
      'S_INTERSECTS',
      'POINT',
      'POLYGON',
      'BBOX',
      'DATE',
      'TRUE',
      '-',
      '+',
      '☃',
      "'",
    ]
    const text = (from: readonly string[]) =>
      Array.from({ length: 1 + Math.floor(random() * 24) }, () => pick(random, from)).join(random() < 0.5 ? ' ' : '')
    let taken = 0
    for (let run = 0; run < RUNS; run++) {
      const expression = outcomeOf(() => parseExpression(text(words)))
      if (expression !== null) {
        taken++
        expect(parseExpression(expression.text)).toEqual(expression)
      }
      const filter = outcomeOf(() => parseCql2Text(text(conditions)))
      if (filter !== null) expect(JSON.parse(JSON.stringify(filter))).toEqual(filter)
    }
    expect(taken).toBeGreaterThan(10)
  })
})

function randomFeature(random: Random): unknown {
  if (random() < 0.3) return randomJson(random)
  const number = () => pick(random, [0, 1, -1, 180, -180, 190, 1e308, -1e308, 2 ** 53, random() * 100])
  const ring = Array.from({ length: 3 + Math.floor(random() * 4) }, () => [number(), number()])
  const coordinates = [[...ring, ring[0]]]
  const type = pick(random, ['Polygon', 'MultiPolygon'])
  return {
    type: 'Feature',
    properties: null,
    geometry: { type, coordinates: type === 'Polygon' ? coordinates : [coordinates] },
  }
}

describe('texts made to be slow', () => {
  const many = 300_000
  const texts: readonly (readonly [what: string, text: string])[] = [
    ['digits', `${'1'.repeat(many)}x`],
    ['digits behind a point', `1.${'1'.repeat(many)}x`],
    ['exponents', `1${'e1'.repeat(many / 2)}`],
    ['underscores', `1${'_1'.repeat(many / 2)}_`],
    ['points', `${'.'.repeat(many)}!`],
    ['letters and points', `${'a.'.repeat(many / 2)}!`],
    ['quotes', "'".repeat(many - 1)],
    ['double quotes', `"${'""'.repeat(many / 2)}`],
    ['spaces', `${' '.repeat(many)}x`],
    ['commas', ','.repeat(many)],
    ['colons', `urn:ogc:def:crs:${':'.repeat(many)}`],
    ['brackets', '['.repeat(many)],
    ['closing brackets', `"${']'.repeat(many)}"${'['.repeat(many)}`],
    ['parentheses', '('.repeat(many)],
    ['minus signs', '-'.repeat(many)],
    ['NOTs', 'NOT '.repeat(many / 4)],
    ['bars', `a${'|b=1'.repeat(many / 4)}`],
  ]
  const parsers: readonly (readonly [string, (text: string) => unknown])[] = [
    ['parseNumber', parseNumber],
    ['parseInteger', parseInteger],
    ['parsePosition', parsePosition],
    ['parseBox', parseBox],
    ['parseCrs', (text) => parseCrs('crs', text)],
    ['parseFormat', parseFormat],
    ['parseJson', (text) => parseJson('text', text, 8)],
    ['parseAssets', (text) => parseAssets([text])],
    ['parseExpression', parseExpression],
    ['parseCql2Text', parseCql2Text],
    [
      'parseItemFilters',
      (text) => parseItemFilters(new URLSearchParams({ bbox: text, sortby: text, datetime: text, ids: text })),
    ],
    [
      'QueryParser',
      (text) => new QueryParser(new TileRequestParser(searchLimits)).box(layers[0]!, text, null, 'assets=a'),
    ],
  ]

  // A text that takes its square takes minutes.
  test.each(parsers)('take %s no longer than others', (_, parse) => {
    for (const [what, text] of texts) {
      const started = performance.now()
      outcomeOf(() => parse(text))
      expect(performance.now() - started, what).toBeLessThan(5_000)
    }
  })
})

describe('JSON', () => {
  test('may have brackets in its texts, and not more levels than are allowed behind them', () => {
    expect(parseJson('it', '{"a": "[[[[[[\\"[[["}', 2)).toEqual({ a: '[[[[[["[[[' })
    expect(outcomeOf(() => parseJson('it', '["]]]]]]", [[[1]]]]', 3))).toBeNull()
    expect(outcomeOf(() => parseJson('it', '["\\"]]]", [[[1]]]]', 3))).toBeNull()
    expect(parseJson('it', '[[1]]', 2)).toEqual([[1]])
  })

  test('has no numbers that become null on their way', () => {
    for (const text of ['1e999', '[-1e999]', '{"a":[1e400]}'])
      expect(outcomeOf(() => parseJson('it', text, 8))).toBeNull()
  })

  test('of hundreds of thousands of levels is refused before it is parsed', () => {
    for (const text of ['['.repeat(500_000), `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`])
      expect(outcomeOf(() => parseJson('it', text, 64))).toBeNull()
  })
})

test('keys of layers with the longest ids fit the name of a blob, and differ', () => {
  const ids = [
    'a'.repeat(256),
    '☃'.repeat(256),
    `${'☃'.repeat(255)}a`,
    '😀'.repeat(128),
    '/'.repeat(256),
    '.'.repeat(256),
  ]
  const keys = ids.flatMap((id) => [
    layerKey({ kind: 'collection', id }),
    layerKey({ kind: 'item', collection: id, id }),
    layerKey({ kind: 'asset', collection: id, item: id, id }),
  ])
  expect(new Set(keys).size).toBe(keys.length)
  for (const key of keys) {
    expect(key).toMatch(/^[\w.~-]+$/)
    expect(key.length).toBeLessThan(900)
  }
})
