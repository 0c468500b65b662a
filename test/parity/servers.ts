import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fillCatalogue, type Imagery, loadImagery } from '../bench/imagery.ts'
import { startApi, startWorkers } from '../bench/programs.ts'
import { startReference } from '../bench/reference.ts'
import { say, startServers, type Workspace } from '../bench/workspace.ts'
import type { Server } from './answers/ask.ts'
import { type FileSet, prepareFiles } from './imagery/file-set.ts'
import { layers } from './imagery/layers.ts'
import type { Case } from './matrix/case.ts'
import { queryText } from './matrix/case.ts'
import type { ParityOptions } from './options.ts'

/** Slow answers are not what is measured. */
const patience = { RENDER_DEADLINE_MS: '60000' }

const referenceSettings = { TITILER_PGSTAC_API_ENABLE_ASSETS_ENDPOINTS: 'TRUE' }

export interface Setting {
  readonly files: FileSet
  readonly world: Imagery | null
  /** Of all in the catalogue that answers on a layer or an item depend on. */
  hashOf(source: string): string
}

/** The matrix's files, and the world's where one is given. */
export async function prepareImagery(workspace: Workspace, { world }: ParityOptions): Promise<Setting> {
  const files = await prepareFiles(workspace.cacheFolder)
  if (world === undefined) return { files, world: null, hashOf: files.hashOf }
  const imagery = await loadImagery(workspace, world, Number.POSITIVE_INFINITY)
  const hash = createHash('sha256').update(await readFile(join(imagery.folder, 'items.json')))
  for (const name of (await readdir(imagery.folder)).sort()) {
    hash.update(`${name} ${(await stat(join(imagery.folder, name))).size}`)
  }
  const ofWorld = hash.digest('hex')
  return { files, world: imagery, hashOf: (source) => (source === 'world' ? ofWorld : files.hashOf(source)) }
}

/** The world's tiles as cases. */
export function worldCases({ tiles, query }: Imagery): Case[] {
  return tiles.map((tile) => ({
    group: 'world',
    name: tile,
    source: { kind: 'search', name: 'world' },
    path: `/tiles/WebMercatorQuad/${tile}.npy${queryText(Object.fromEntries(new URLSearchParams(query)))}`,
    comparison: 'nearest',
  }))
}

/** Tilepress at once, the reference when it is asked for the first time. */
export interface Servers {
  readonly ours: Server
  theirs(): Promise<Server>
}

export async function startBoth(workspace: Workspace, setting: Setting, { workers }: ParityOptions): Promise<Servers> {
  const servers = await startServers(workspace)
  await servers.postgres.createDatabase('parity')
  for (const imagery of [setting.files, setting.world]) {
    if (imagery) await fillCatalogue(servers.postgres.adminUrl('parity'), imagery)
  }
  const databaseUrl = servers.postgres.url('parity')
  const assetFolder = [setting.files.folder, ...(setting.world ? [setting.world.folder] : [])].join('/,')
  const options = { env: patience, profile: undefined, nodeFlags: [] }
  const program = { databaseUrl, servers, assetFolder, options }
  say(`starting the API and ${workers} worker${workers === 1 ? '' : 's'}`)
  const [api] = await Promise.all([startApi(workspace, program), startWorkers(workspace, program, workers)])
  const collection = setting.files.collection.id
  const { folder } = setting.files
  const searches = await registerLayers(api.url, collection, setting.world)
  let reference: Promise<Server> | null = null
  return {
    ours: { url: api.url, searches, collection, folder },
    theirs: () => {
      // pgSTAC makes the ids, so the searches are the reference's too.
      reference ??= startReference(workspace, databaseUrl, 1, referenceSettings).then(({ url }) => {
        return { url, searches, collection, folder }
      })
      return reference
    },
  }
}

async function registerLayers(url: string, collection: string, world: Imagery | null): Promise<Map<string, string>> {
  const searches = new Map<string, string>()
  for (const { name, items } of layers)
    searches.set(name, await register(url, { collections: [collection], ids: items }))
  if (world) searches.set('world', await register(url, { collections: [world.collection.id] }))
  return searches
}

async function register(url: string, search: object): Promise<string> {
  const response = await fetch(`${url}/searches/register`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(search),
  })
  const { id } = (await response.json()) as { id?: string }
  if (id === undefined) throw new Error(`registering a search was answered with ${response.status}`)
  return id
}
