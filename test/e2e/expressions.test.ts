import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCollection, eoBands } from '../support/catalogue.ts'
import { makeCog } from '../support/cogs.ts'
import { ask, decode } from '../support/http.ts'
import { type Program, type System, startSystem } from '../support/programs.ts'
import { createContainer, uniqueName } from '../support/services.ts'

/**
 * Two items side by side on tile 5/16/15 (0 … 11.25 degrees by 0 … 11.18), and nothing east of longitude 9. Assets: `image` of four bands of
 * 8 bits, whose names only the west item keeps for itself; `height` of one band of floats, which is masked in the north of the west item.
 */
const west = [-1, -1, 5, 12] as const
const east = [5, -1, 9, 12] as const
const names = ['red', 'green', 'blue', 'nir']
const at = { west: [40, 200], north: [40, 40], east: [160, 200], outside: [240, 200] } as const

let system: System
let api: Program
let search: string

beforeAll(async () => {
  system = await startSystem()
  const container = await createContainer('tilepressa')
  const heights = (_: number, row: number) => (row < 32 ? -9999 : 250.5)
  const [image, height, eastImage, eastHeight] = await Promise.all([
    container.upload('west.tif', makeCog({ bounds: west, bands: [10, 20, 30, 90] })),
    container.upload('west-height.tif', makeCog({ bounds: west, bands: [heights], type: 'Float32', nodata: -9999 })),
    container.upload('east.tif', makeCog({ bounds: east, bands: [100, 120, 140, 60] })),
    container.upload('east-height.tif', makeCog({ bounds: east, bands: [-3], type: 'Float32', nodata: -9999 })),
  ]).then(() => ['west.tif', 'west-height.tif', 'east.tif', 'east-height.tif'].map((name) => container.href(name)))
  const collection = uniqueName('expressions-')
  const items = [
    { id: 'west', bbox: west, assets: { image: image!, height: height! }, bands: { image: names } },
    { id: 'east', bbox: east, assets: { image: eastImage!, height: eastHeight! }, bands: { image: names } },
  ]
  await createCollection(system.database, collection, items, {
    item_assets: { image: { type: 'image/tiff', ...eoBands(names) }, height: { type: 'image/tiff' } },
  })
  ;[api] = await Promise.all([system.startApi(), system.startWorker()])
  search = await register({ collections: [collection] })
})
afterAll(() => system?.release())

async function register(body: object): Promise<string> {
  const answer = await ask(api, '/searches/register', { method: 'POST', body })
  expect(answer.status, answer.text).toBe(200)
  return answer.json<{ id: string }>().id
}

const get = (query: Record<string, string | readonly string[]>) => {
  const parameters = new URLSearchParams()
  for (const [name, values] of Object.entries(query))
    for (const value of [values].flat()) parameters.append(name, value)
  return ask(api, `/searches/${search}/tiles/WebMercatorQuad/5/16/15.png?${parameters}`)
}

/** Pixels of the picture by place. */
async function pixels(query: Record<string, string | readonly string[]>) {
  const answer = await get(query)
  expect(answer.status, answer.text).toBe(200)
  const picture = await decode(answer.body)
  return Object.fromEntries(Object.entries(at).map(([place, [x, y]]) => [place, picture.at(x, y)]))
}

const gray = (value: number) => [value, value, value, 255]
const nothing = [0, 0, 0, 0]

describe('a tile', () => {
  test('shows an index of bands, computed for each item', async () => {
    // (90 − 10) / (90 + 10) = 0.8 and (60 − 100) / (60 + 100) = −0.25, of −1 … 1 in bytes.
    const shown = await pixels({ assets: 'image', expression: '(b4-b1)/(b4+b1)', rescale: '-1,1' })
    expect(shown).toMatchObject({ west: gray(229), east: gray(95), outside: nothing })
  })

  test('shows several blocks as bands, each with its range', async () => {
    const shown = await pixels({
      assets: 'image',
      expression: 'b1*2;b2+b3;where(b4>80,255,0)',
      rescale: ['0,255', '0,510', '0,255'],
    })
    expect(shown).toMatchObject({ west: [20, 25, 255, 255], east: [200, 130, 0, 255] })
  })

  test('computes over the bands of all assets, and masks where one of them is', async () => {
    const shown = await pixels({ assets: ['height', 'image'], expression: 'b2+b5', rescale: '0,255' })
    expect(shown).toMatchObject({ west: gray(100), north: nothing, east: gray(160) })
  })

  test('computes over an asset’s own bands before they stand beside those of others', async () => {
    const shown = await pixels({
      assets: ['image|expression=b4-b1', 'height|expression=b1/2.0', 'image|bidx=3'],
      rescale: '0,255',
    })
    expect(shown).toMatchObject({ west: [80, 125, 30, 255], east: [0, 0, 140, 255] })
  })

  test('has bands by the names in the items’ metadata, their own or their collection’s', async () => {
    expect(await pixels({ assets: 'image|bands=nir,red,green' })).toMatchObject({
      west: [90, 10, 20, 255],
      east: [60, 100, 120, 255],
    })
  })

  test('takes a colormap over an expression', async () => {
    const { west: shown } = await pixels({
      assets: 'image',
      expression: '(b4>b1)*1',
      colormap_name: 'viridis',
      rescale: '0,1',
    })
    expect(shown).toEqual([253, 231, 36, 255])
  })

  test('is the same whether an expression is written in capitals or small, with spaces around or without', async () => {
    const first = await get({ assets: 'image', expression: 'b1+b2;b2;b3', rescale: '0,255' })
    const second = await get({ assets: 'image', expression: ' B1+b2; b2;B3 ', rescale: '0,255' })
    expect([first.status, second.status]).toEqual([200, 200])
    expect(second.headers['x-cache']).toBe('HIT-MEMORY')
    expect(second.headers.etag).toBe(first.headers.etag)
  })

  test.each([
    [{ assets: 'image', expression: 'b5' }, 400, 'EXPRESSION_INVALID', 'b5'],
    [{ assets: 'height', expression: 'b1&1' }, 400, 'EXPRESSION_INVALID', '&'],
    [{ assets: 'image|expression=b5' }, 422, 'BAND_INVALID', '5'],
    [{ assets: 'image|bands=swir' }, 422, 'BAND_INVALID', 'red, green, blue, nir'],
    [{ assets: 'height|bands=red' }, 422, 'BAND_INVALID', 'names none'],
    [{ assets: 'image', asset_as_band: 'true' }, 422, 'BAND_INVALID', '4'],
    [{ assets: 'image', expression: 'b1;b2;b3;b4;b1' }, 422, 'FORMAT_INVALID', '5'],
  ])('%j is refused, and the error is not kept', async (query, status, code, detail) => {
    const answer = await get(query)
    expect([answer.status, answer.json()]).toEqual([status, { code, detail: expect.stringContaining(detail) }])
    expect(answer.headers['cache-control']).toBe('no-store')
    system.announce({ code })
  })
})

test('a mosaic’s default with an expression reaches TileJSON and map', async () => {
  const render = { assets: ['image'], expression: '(b4-b1)/(b4+b1)', rescale: [[-1, 1]], colormap_name: 'rdylgn' }
  const legacy = { assets: ['image'], asset_expression: 'image|b4-b1', rescale: [[0, 100]] }
  const id = await register({ collections: [uniqueName('none-')], metadata: { defaults: { ndvi: render, legacy } } })
  const info = await ask(api, `/searches/${id}/info`)
  const links = info.json<{ links: { rel: string; title: string; href: string }[] }>().links
  const hrefs = links.filter(({ rel, title }) => rel === 'tilejson' && title.includes('`')).map(({ href }) => href)
  expect(hrefs).toHaveLength(2)
  for (const [index, href] of hrefs.entries()) {
    const path = new URL(href.replace('{tileMatrixSetId}', 'WebMercatorQuad'))
    const tileJson = await ask(api, path.pathname + path.search)
    const tiles = new URL(tileJson.json<{ tiles: string[] }>().tiles[0]!)
    expect(tiles.searchParams.get(index === 0 ? 'expression' : 'assets')).toBe(
      index === 0 ? '(b4-b1)/(b4+b1)' : 'image|expression=b4-b1',
    )
  }
  const map = await ask(api, `/searches/${id}/WebMercatorQuad/map.html`)
  expect(map.text).toContain('expression=%28b4-b1%29')
})
