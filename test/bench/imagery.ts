import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import pg from 'pg'
import { blueMarble, makeBlueMarble } from '../../apps/stack/samples/blue-marble.ts'
import { bboxOf } from '../../apps/stack/samples/sample.ts'
import { root } from './programs.ts'
import { say, type Workspace } from './workspace.ts'

/** What a bench draws: a collection with items whose files lie in one folder, and the tiles to ask for. */
export interface Imagery {
  readonly name: string
  /** Where the files are. */
  readonly folder: string
  readonly collection: { readonly id: string }
  readonly items: readonly object[]
  /** Query of a tile, without a question mark. */
  readonly query: string
  /** `z/x/y`, each once. */
  readonly tiles: readonly string[]
  /** Tiles that `tiles` has not, to warm up with. */
  readonly otherTiles: readonly string[]
}

const WARM_UP_TILES = 64

interface Feature {
  readonly assets: Record<string, { href: string }>
}

/**
 * The imagery of the folder given, else of the one beside the repository, else sample imagery made now.
 * @param most tiles of the list
 */
export async function loadImagery(workspace: Workspace, world: string | undefined, most: number): Promise<Imagery> {
  const folder = resolve(world ?? join(root, '../shared/data/world'))
  if (existsSync(join(folder, 'items.json'))) return worldImagery(folder, most)
  if (world !== undefined) throw new Error(`${folder} has no items.json, tiles.txt and collection.json`)
  return sampleImagery(join(workspace.folder, 'blue-marble'), most)
}

/** A folder's `collection.json`, `items.json` (an item a line) and `tiles.txt`, with hrefs that lead into the folder. */
async function worldImagery(folder: string, most: number): Promise<Imagery> {
  const text = (name: string) => readFile(join(folder, name), 'utf8')
  const lines = async (name: string) => (await text(name)).trim().split('\n')
  const items = (await lines('items.json')).map((line) => {
    const item = JSON.parse(line) as Feature
    const assets = Object.entries(item.assets).map(([name, asset]) => {
      return [name, { ...asset, href: join(folder, asset.href.split('/').at(-1) ?? '') }]
    })
    return { ...item, assets: Object.fromEntries(assets) as Feature['assets'] }
  })
  const tiles = await lines('tiles.txt')
  return {
    name: 'world',
    folder,
    collection: JSON.parse(await text('collection.json')) as { id: string },
    items,
    query: `assets=${Object.keys(items[0]?.assets ?? {})[0]}`,
    tiles: tiles.slice(0, most),
    otherTiles: tilesOfZoom(5)
      .filter((tile) => !tiles.includes(tile))
      .slice(0, WARM_UP_TILES),
  }
}

/** The local stack's picture of the Earth; zooms 0 to 5 in an order that jumps about and is always the same. */
async function sampleImagery(folder: string, most: number): Promise<Imagery> {
  say('making sample imagery')
  await mkdir(folder, { recursive: true })
  await makeBlueMarble(folder, join(root, 'node_modules/three-globe/example/img/earth-blue-marble.jpg'))
  const { assetName, collection, files } = blueMarble
  const items = files.map(({ itemId, file, ring, datetime }) => ({
    id: itemId,
    type: 'Feature',
    stac_version: '1.0.0',
    collection: collection.id,
    bbox: bboxOf(ring),
    geometry: { type: 'Polygon', coordinates: [ring] },
    properties: { datetime },
    assets: { [assetName]: { href: join(folder, file) } },
    links: [],
  }))
  const tiles = [0, 1, 2, 3, 4, 5].flatMap(tilesOfZoom)
  // A step without a common divisor with the number of tiles visits each of them once.
  const shuffled = tiles.map((_, index) => tiles[(index * 607) % tiles.length]!)
  return {
    name: 'blue-marble',
    folder,
    collection,
    items,
    query: `assets=${assetName}`,
    tiles: shuffled.slice(0, most),
    otherTiles: tilesOfZoom(6)
      .filter((_, index) => index % 64 === 17)
      .slice(0, WARM_UP_TILES),
  }
}

/** Puts collection and items into an empty pgSTAC. `url`: the superuser's. */
export async function fillCatalogue(url: string, imagery: Pick<Imagery, 'collection' | 'items'>): Promise<void> {
  const client = new pg.Client({ connectionString: url, options: '-c search_path=pgstac,public' })
  await client.connect()
  try {
    await client.query('SELECT create_collection($1::jsonb)', [JSON.stringify(imagery.collection)])
    await client.query('SELECT create_items($1::jsonb)', [JSON.stringify(imagery.items)])
    await client.query('ANALYZE')
  } finally {
    await client.end()
  }
}

/** Registers the search for all of the collection with a tile server, ours or the reference; both give the same id. */
export async function registerSearch(server: string, imagery: Imagery): Promise<string> {
  const response = await fetch(`${server}/searches/register`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ collections: [imagery.collection.id] }),
  })
  const answer = (await response.json()) as { id?: string }
  if (!response.ok || answer.id === undefined)
    throw new Error(`registering a search was answered with ${response.status} ${JSON.stringify(answer)}`)
  return answer.id
}

/** URL of the tiles with {z}, {x} and {y}. `extension` such as `.png`; `query` is added to the imagery's own. */
export function tileTemplate(server: string, search: string, imagery: Imagery, extension = '', query = ''): string {
  return `${server}/searches/${search}/tiles/WebMercatorQuad/{z}/{x}/{y}${extension}?${imagery.query}${query && `&${query}`}`
}

/** URL of one tile. */
export function tileUrl(template: string, tile: string): string {
  const [z = '', x = '', y = ''] = tile.split('/')
  return template.replace('{z}', z).replace('{x}', x).replace('{y}', y)
}

function tilesOfZoom(z: number): string[] {
  const side = 2 ** z
  return Array.from({ length: side * side }, (_, index) => `${z}/${index % side}/${Math.floor(index / side)}`)
}

/** The imagery with other hrefs for the same files. */
export function movedTo(imagery: Imagery, href: (file: string) => string): Imagery {
  const items = (imagery.items as { assets: Record<string, { href: string }> }[]).map((item) => ({
    ...item,
    assets: Object.fromEntries(
      Object.entries(item.assets).map(([name, asset]) => [name, { ...asset, href: href(basename(asset.href)) }]),
    ),
  }))
  return { ...imagery, items }
}
