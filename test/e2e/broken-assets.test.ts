import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Bounds } from '../../src/tile/bounds.ts'
import { createCollection } from '../support/catalogue.ts'
import { makeCog } from '../support/cogs.ts'
import { ask, decode, expectError } from '../support/http.ts'
import { type Program, type System, startSystem, until } from '../support/programs.ts'
import { createContainer, storageToken, type TestContainer, uniqueName } from '../support/services.ts'

const bounds: Bounds = [-1, -1, 12, 12]
const collection = uniqueName('broken-')

let system: System
let api: Program
let container: TestContainer
let trap: Server
/** Requests that GDAL should never have made. */
const lured: string[] = []
let tiles: string

beforeAll(async () => {
  // A second, so that a test need not wait long for the next try.
  system = await startSystem({ ERROR_TTL_SECONDS: '1', GDAL_HTTP_MAX_RETRY: '1' })
  container = await createContainer('tilepressa')
  trap = createServer((request, response) => {
    lured.push(request.url ?? '')
    response.end()
  })
  await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve))
  const { port } = trap.address() as AddressInfo
  const bait = `http://127.0.0.1:${port}/bait.tif`

  const good = makeCog({ bounds, bands: [1, 2, 3] })
  const noise = makeCog({ bounds, bands: [(column, row) => (column * 7919 + row * 104_729) % 251], size: 256 })
  const vrt = `<VRTDataset rasterXSize="64" rasterYSize="64"><SRS>EPSG:4326</SRS><GeoTransform>-1, 0.2, 0, 12, 0, -0.2</GeoTransform>
    <VRTRasterBand dataType="Byte" band="1"><SimpleSource><SourceFilename>/vsicurl/${bait}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>`
  await Promise.all([
    container.upload('good.tif', good),
    container.upload('truncated.tif', noise.subarray(0, Math.floor(noise.length / 2))),
    container.upload('header-only.tif', noise.subarray(0, 300)),
    container.upload('empty.tif', Buffer.alloc(0)),
    container.upload('text.tif', Buffer.from('this is no picture')),
    container.upload('vrt.tif', Buffer.from(vrt)),
    container.upload('cut.tif', noise.subarray(0, Math.floor(noise.length / 2))),
  ])
  await createCollection(system.database, collection, [
    {
      id: 'top',
      bbox: bounds,
      datetime: '2024-07-01T00:00:00Z',
      assets: {
        good: container.href('good.tif'),
        missing: container.href('missing.tif'),
        'no-container': `https://tilepressa.blob.core.windows.net/${uniqueName('none')}/a.tif`,
        truncated: container.href('truncated.tif'),
        'header-only': container.href('header-only.tif'),
        empty: container.href('empty.tif'),
        text: container.href('text.tif'),
        vrt: container.href('vrt.tif'),
        // Repaired by a test.
        late: container.href('late.tif'),
        cut: container.href('cut.tif'),
        'other-account': 'https://elsewhere.blob.core.windows.net/container/a.tif',
        'other-host': bait,
        'file-path': '/etc/hostname',
        'file-url': 'file:///etc/hostname',
        vsicurl: `/vsicurl/${bait}`,
        vsizip: '/vsizip//vsiaz/container/a.zip/a.tif',
        parent: `https://tilepressa.blob.core.windows.net/${container.name}/../other/a.tif`,
        'inline-vrt': vrt,
        // Only the item below has it, so the mosaic has a hole at the top.
        patchy: container.href('missing.tif'),
      },
    },
    { id: 'below', bbox: bounds, assets: { patchy: container.href('good.tif') } },
  ])
  const [started] = await Promise.all([system.startApi(), system.startWorker()])
  api = started
  const registered = await ask(api, '/searches/register', { method: 'POST', body: { collections: [collection] } })
  tiles = `/searches/${registered.json<{ id: string }>().id}/tiles/WebMercatorQuad`
})
afterAll(async () => {
  trap?.close()
  await system?.release()
})

const get = (query: string, path = '5/16/15.png') => ask(api, `${tiles}/${path}?${query}`)

/** What Redis and Blob hold of tiles. */
async function cached(): Promise<string[]> {
  const redis = new Redis(system.cacheRedis.url)
  const keys = await redis.keys('*')
  await redis.quit()
  const authorization = `Bearer ${await storageToken()}`
  const url = `${system.tiles.url}?restype=container&comp=list`
  const list = await fetch(url, { headers: { authorization, 'x-ms-version': '2021-08-06' } })
  const blobs = [...(await list.text()).matchAll(/<Name>([^<]+)<\/Name>/g)].map(([, name]) => name ?? '')
  return [...keys, ...blobs]
}

describe('an asset', () => {
  test.each([
    ['missing', 'ASSET_NOT_FOUND'],
    ['no-container', 'ASSET_NOT_FOUND'],
    ['truncated', 'ASSET_UNREADABLE'],
    ['header-only', 'ASSET_UNREADABLE'],
    ['empty', 'ASSET_UNREADABLE'],
    ['text', 'ASSET_UNREADABLE'],
    ['vrt', 'ASSET_UNREADABLE'],
    ['other-account', 'ASSET_REFUSED'],
    ['other-host', 'ASSET_REFUSED'],
    ['file-path', 'ASSET_REFUSED'],
    ['file-url', 'ASSET_REFUSED'],
    ['vsicurl', 'ASSET_REFUSED'],
    ['vsizip', 'ASSET_REFUSED'],
    ['parent', 'ASSET_REFUSED'],
    ['inline-vrt', 'ASSET_REFUSED'],
    ['patchy', 'ASSET_NOT_FOUND'],
    ['good&assets=missing', 'ASSET_NOT_FOUND'],
  ])('%s fails its tile with 502 %s, and nothing is kept', async (name, code) => {
    system.announce({ code })
    for (const asking of [1, 2]) {
      const answer = await get(`assets=${name}`)
      expectError(answer, 502, code)
      expect(answer.headers['x-cache'], `asking ${asking}`).toBeUndefined()
    }
    expect(await cached()).toEqual([])
  })

  test('that was refused was not asked for, and no file of another kind led to a request', () => {
    expect(lured).toEqual([])
  })

  test('without the band that is asked for fails its tile with 422', async () => {
    system.announce({ code: 'BAND_INVALID' })
    const detail = expectError(await get('assets=good|bidx=4'), 422, 'BAND_INVALID')
    expect(detail).toMatch(/\b3\b/)
    expect(await cached()).toEqual([])
  })

  test('of more bands than a format holds fails its tile with 422', async () => {
    system.announce({ code: 'FORMAT_INVALID' })
    expectError(await get('assets=good|bidx=1,2'), 422, 'FORMAT_INVALID')
    expectError(await get('assets=good&colormap_name=viridis'), 422, 'FORMAT_INVALID')
    expect(await cached()).toEqual([])
  })

  test('does not matter to a tile that lies outside it', async () => {
    const answer = await get('assets=missing', '5/2/2.png')
    expect([answer.status, answer.headers['x-cache']]).toEqual([204, 'MISS'])
  })
})

test('a tile comes soon after its missing asset arrives', async () => {
  expectError(await get('assets=late'), 502, 'ASSET_NOT_FOUND')
  await container.upload('late.tif', makeCog({ bounds, bands: [9, 8, 7] }))
  await until('the tile comes', async () => (await get('assets=late')).status === 200)
  const { at } = await decode((await get('assets=late')).body)
  expect(at(100, 100)).toEqual([9, 8, 7, 255])
})

test('a tile comes soon after its damaged asset is replaced', async () => {
  expectError(await get('assets=cut'), 502, 'ASSET_UNREADABLE')
  await container.upload('cut.tif', makeCog({ bounds, bands: [4, 5, 6] }))
  await until('the tile comes', async () => (await get('assets=cut')).status === 200)
  const { at } = await decode((await get('assets=cut')).body)
  expect(at(100, 100)).toEqual([4, 5, 6, 255])
})

test('an asset that cannot be read is not tried again for each request while its failure is fresh', async () => {
  await get('assets=text', '6/32/31.png')
  const failures = () =>
    system.programs.flatMap((program) => program.logs()).filter(({ msg }) => msg === 'a render failed')
  const before = failures().length
  const answers = await Promise.all(Array.from({ length: 20 }, () => get('assets=text', '6/32/31.png')))
  for (const answer of answers) expectError(answer, 502, 'ASSET_UNREADABLE')
  expect(failures().length - before).toBeLessThanOrEqual(1)
})

test('all this left nothing in the logs but what it should', async () => {
  await system.stopPrograms()
  expect(system.unexpectedLogs()).toEqual([])
})
