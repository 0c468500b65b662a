import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCollection } from '../support/catalogue.ts'
import { makeCog } from '../support/cogs.ts'
import { ask, expectError } from '../support/http.ts'
import { type Program, type System, startSystem } from '../support/programs.ts'
import { createContainer, uniqueName } from '../support/services.ts'

/** What is told of items: which lie under a place, and what they and their files are. */

let system: System
let api: Program
const collection = uniqueName('items-')
let search: string
let href: string

/** 64 × 64 pixels of 1/16 degree: column in the first band, row in the second, 0 is nodata. */
const bounds = [10, 40, 14, 44] as const

beforeAll(async () => {
  system = await startSystem()
  const container = await createContainer()
  await container.upload('grid.tif', makeCog({ bounds, bands: [(x) => x, (_, y) => y], type: 'UInt16', nodata: 0 }))
  href = container.href('grid.tif')
  await createCollection(system.database, collection, [
    { id: 'grid', bbox: bounds, assets: { data: href, other: href }, datetime: '2024-06-02T00:00:00Z' },
    { id: 'right', bbox: [12, 40, 16, 44], assets: { data: href } },
  ])
  ;[api] = await Promise.all([system.startApi(), system.startWorker()])
  const registered = await ask(api, '/searches/register', { method: 'POST', body: { collections: [collection] } })
  search = registered.json<{ id: string }>().id
})
afterAll(() => system?.release())

describe('the items under a place', () => {
  const idsAt = async (path: string) => {
    const answer = await ask(api, `/searches/${search}${path}`)
    expect(answer.status, answer.text).toBe(200)
    return answer.json<{ id: string }[]>().map(({ id }) => id)
  }

  test('of a point are listed with box, assets and collection, the topmost first', async () => {
    const answer = await ask(api, `/searches/${search}/point/13,41/assets`)
    expect(answer.status, answer.text).toBe(200)
    expect(answer.json()).toEqual([
      {
        id: 'grid',
        bbox: [...bounds],
        assets: { data: { href, type: 'image/tiff' }, other: { href, type: 'image/tiff' } },
        collection,
      },
      { id: 'right', bbox: [12, 40, 16, 44], assets: { data: { href, type: 'image/tiff' } }, collection },
    ])
  })

  test('are those of a point in another system, a box and a tile', async () => {
    expect(await idsAt('/point/1224514.4,5009377.1/assets?coord_crs=EPSG:3857')).toEqual(['grid'])
    expect(await idsAt('/bbox/15,41,15.5,42/assets')).toEqual(['right'])
    expect(await idsAt('/bbox/1,41,25,42/assets?exitwhenfull=false&skipcovered=false')).toEqual(['grid', 'right'])
    expect(await idsAt('/bbox/1,41,25,42/assets?items_limit=1')).toEqual(['grid'])
    expect(await idsAt('/tiles/WebMercatorQuad/7/67/47/assets')).toEqual(['grid'])
    expect(await idsAt('/tiles/WebMercatorQuad/0/0/0/assets')).toEqual(['grid', 'right'])
    expect(await idsAt('/point/-50,10/assets')).toEqual([])
  })

  test('of a collection obey its item filters', async () => {
    const answer = await ask(api, `/collections/${collection}/point/13,41/assets?ids=right`)
    expect(answer.json<{ id: string }[]>().map(({ id }) => id)).toEqual(['right'])
  })

  test('that is none are refused, as is a search that is none', async () => {
    expectError(await ask(api, `/searches/${search}/point/1/assets`), 422, 'PARAMETER_INVALID')
    expectError(await ask(api, `/searches/${search}/bbox/1,2,3/assets`), 422, 'PARAMETER_INVALID')
    expectError(await ask(api, `/searches/${search}/point/1,2/assets?coord_crs=EPSG:1`), 422, 'PARAMETER_INVALID')
    expectError(await ask(api, `/searches/${search}/tiles/WebMercatorQuad/0/1/0/assets`), 404, 'TILE_OUTSIDE_MATRIX')
    expectError(await ask(api, `/searches/${'0'.repeat(32)}/point/1,2/assets`), 404, 'SEARCH_NOT_FOUND')
  })
})
