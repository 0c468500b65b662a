import { describe, expect, test } from 'vitest'
import { parseExpression } from '../../src/expression/parse-expression.ts'
import { ownColours } from '../../src/pipeline/own-colours.ts'
import type { BandFacts } from '../../src/read/dataset-facts.ts'
import type { OpenDataset } from '../../src/read/open-dataset.ts'
import type { Reader } from '../../src/read/reader.ts'
import { parseAssets, parseFile } from '../../src/request/asset-parameters.ts'
import type { Layer, RenderParameters } from '../../src/request/tile-request.ts'
import type { Item, SampleRange } from '../../src/search/item.ts'
import type { TileFormat } from '../../src/tile/format.ts'
import { factsOf } from '../support/dataset-facts.ts'
import { rowOf } from '../support/rasters.ts'
import { renderParameters } from '../support/render-parameters.ts'

const palette = Uint8Array.of(1, 2, 3, 255, 4, 5, 6, 255)

/** A file with as many bands as it has ranges, null for one without statistics. */
interface FakeFile {
  readonly ranges: readonly (SampleRange | null)[]
  readonly palette?: Uint8Array
}

const files: Readonly<Record<string, FakeFile>> = {
  'two.tif': {
    ranges: [
      [100, 2000],
      [50.5, 1500],
    ],
  },
  'half.tif': { ranges: [[100, 2000], null] },
  'none.tif': { ranges: [null, null] },
  'palette.tif': { ranges: [null], palette },
}

const inspect: Reader['inspect'] = async (href, look) => {
  const file = files[href]
  if (!file) throw new Error(`no ${href}`)
  const band: BandFacts = {
    ...{ dataType: 'uint16', nodata: null, scale: 0.5, offset: -30 },
    ...{ bits: null, description: null, colorInterpretation: 'Gray' },
  }
  const facts = factsOf({
    ...{ width: 8, height: 8, crs: 'EPSG:4326', geoTransform: [0, 1, 0, 8, 0, -1] },
    bands: file.ranges.map(() => band),
    palettes: [file.palette ?? null],
  })
  const bandMetadata = () =>
    file.ranges.map((range) =>
      range === null ? {} : { STATISTICS_MINIMUM: String(range[0]), STATISTICS_MAXIMUM: String(range[1]) },
    )
  return look({ facts, bandMetadata } as unknown as OpenDataset)
}

const item: Item = {
  id: 'scene',
  collection: 'c',
  bbox: [0, 0, 1, 1],
  assets: new Map(Object.keys(files).map((name) => [name.split('.')[0]!, name])),
  statistics: new Map<string, readonly SampleRange[]>([
    [
      'two',
      [
        [7, 8],
        [7, 8],
      ],
    ],
    [
      'none',
      [
        [1, 200],
        [0, 3000],
      ],
    ],
    ['half', [[5, 6]]],
  ]),
}

const itemLayer: Layer = { kind: 'item', collection: 'c', id: 'scene' }
const fileLayer = (id: string): Layer => ({ kind: 'asset', collection: 'c', item: 'scene', id })

function ask(
  layer: Layer,
  render: Partial<RenderParameters>,
  format: TileFormat = 'auto',
  type: 'uint8' | 'uint16' = 'uint16',
) {
  const raster = rowOf([[1]], undefined, type)
  return ownColours(layer, item, raster, { ...renderParameters(render), format }, inspect, new AbortController().signal)
}

const ofItem = async (assets: readonly string[], change: Partial<RenderParameters> = {}) =>
  (await ask(itemLayer, { assets: parseAssets(assets), ...change })).statistics

const ofFile = async (name: string, query = '', change: Partial<RenderParameters> = {}) =>
  await ask(fileLayer(name), { assets: [parseFile(name, new URLSearchParams(query))], ...change })

describe('statistics of an item’s image', () => {
  test('are those of the bands read, in their order', async () => {
    expect(await ofItem(['two'])).toEqual([
      [100, 2000],
      [50.5, 1500],
    ])
    expect(await ofItem(['two|bidx=2,1,2'])).toEqual([
      [50.5, 1500],
      [100, 2000],
      [50.5, 1500],
    ])
    expect(await ofItem(['two|bidx=2', 'none|bidx=1'])).toEqual([
      [50.5, 1500],
      [1, 200],
    ])
  })

  test('are the item’s where the file has none, and are not known where the item has too few', async () => {
    expect(await ofItem(['none|bidx=2,1'])).toEqual([
      [0, 3000],
      [1, 200],
    ])
    expect(await ofItem(['half|bidx=1'])).toEqual([[100, 2000]])
    expect(await ofItem(['half'])).toBeNull()
    expect(await ofItem(['two', 'half'])).toBeNull()
  })

  // rio-tiler 9.4.2 gives these for the same files.
  test('go through expressions by the corners of their ranges', async () => {
    expect(await ofItem(['two|expression=b1/b2'])).toEqual([[100 / 1500, 2000 / 50.5]])
    expect(
      await ofItem(['two|bidx=1', 'two|bidx=2', 'two|bidx=1'], { expression: parseExpression('b1-b2;b2*b3;b3') }),
    ).toEqual([
      [-1400, 1949.5],
      [5050, 3000000],
      [100, 2000],
    ])
    expect(await ofItem(['two'], { expression: parseExpression('where(b1>500,b1,b2)') })).toEqual([[50.5, 2000]])
    expect(await ofItem(['none|bidx=1'], { expression: parseExpression('b1*2') })).toEqual([[2, 400]])
    expect(await ofItem(['none|expression=b1*2'])).toBeNull()
  })

  test('are not known where an expression takes whole numbers alone, or too many bands', async () => {
    expect(await ofItem(['two'], { expression: parseExpression('b1&3') })).toBeNull()
    const many = Array.from({ length: 9 }, () => 'two')
    const sum = Array.from({ length: 17 }, (_, index) => `b${index + 1}`).join('+')
    expect(await ofItem(many, { expression: parseExpression(sum) })).toBeNull()
  })

  test('are unscaled with the samples when they are the file’s', async () => {
    expect(await ofItem(['two|bidx=1'], { unscale: true })).toEqual([[20, 970]])
    expect(await ofItem(['none|bidx=1'], { unscale: true })).toEqual([[1, 200]])
  })

  test('are not asked for where nothing hangs on them', async () => {
    const assets = parseAssets(['missing'])
    for (const [change, format, type] of [
      [{ rescale: [[0, 1]] }, 'auto', 'uint16'],
      [{ colormap: { kind: 'named', name: 'viridis' } }, 'auto', 'uint16'],
      [{ colorFormula: [{ kind: 'saturation', proportion: 1 }] }, 'auto', 'uint16'],
      [{ algorithm: { name: 'sum', parameters: {} } }, 'auto', 'uint16'],
      [{}, 'npy', 'uint16'],
      [{}, 'png', 'uint8'],
    ] as const) {
      expect(await ask(itemLayer, { assets, ...change }, format, type)).toEqual({ palette: null, statistics: null })
    }
    expect(await ask({ kind: 'search', id: 's' }, { assets })).toEqual({ palette: null, statistics: null })
  })
})

describe('a file by itself', () => {
  test('has its own statistics, not those of the item', async () => {
    expect((await ofFile('two', 'bidx=2')).statistics).toEqual([[50.5, 1500]])
    expect((await ofFile('two', 'expression=b1%2Bb2')).statistics).toEqual([[150.5, 3500]])
    expect((await ofFile('none', 'bidx=1')).statistics).toBeNull()
  })

  test('has its palette, which an item’s image has not, where no colormap is asked for', async () => {
    expect((await ofFile('palette')).palette).toBe(palette)
    expect((await ofFile('palette', '', { rescale: [[0, 1]] })).palette).toBe(palette)
    expect((await ofFile('palette', '', { colormap: { kind: 'named', name: 'viridis' } })).palette).toBeNull()
    expect((await ask(itemLayer, { assets: parseAssets(['palette']) })).palette).toBeNull()
  })
})
