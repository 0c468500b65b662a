import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { DefaultAzureCredential } from '@azure/identity'
import { BlobServiceClient, ContainerClient } from '@azure/storage-blob'
import pg from 'pg'
import { bboxOf, hrefOf, type SampleFile, type SampleSet } from './sample.ts'

export interface InstallOptions {
  /** Account name to blob endpoint. */
  readonly accounts: ReadonlyMap<string, string>
  /** Container of rendered tiles, made when absent. */
  readonly tileContainerUrl: string | undefined
  readonly databaseUrl: string
  /** Where the COGs are. */
  readonly folder: string
}

/** A search as it was registered. */
export interface InstalledSearch {
  readonly id: string
  readonly collection: string
  readonly metadata: Readonly<Record<string, unknown>>
}

/**
 * Uploads the COGs as any client of Azure would, fills the catalogue and registers the searches. What is there already is replaced, so that it
 * can run again after it was interrupted.
 */
export async function installSamples(sets: readonly SampleSet[], options: InstallOptions): Promise<InstalledSearch[]> {
  const credential = new DefaultAzureCredential()
  const clients = new Map(
    [...options.accounts].map(([name, endpoint]) => [name, new BlobServiceClient(endpoint, credential)]),
  )
  if (options.tileContainerUrl) await new ContainerClient(options.tileContainerUrl, credential).createIfNotExists()
  await uploadAll(
    sets.flatMap(({ files }) => files),
    options.folder,
    clients,
  )
  const database = new pg.Client({ connectionString: options.databaseUrl })
  await database.connect()
  try {
    const installed: InstalledSearch[] = []
    for (const set of sets) installed.push(await fillCatalogue(database, set))
    return installed
  } finally {
    await database.end()
  }
}

async function uploadAll(
  files: readonly SampleFile[],
  folder: string,
  clients: ReadonlyMap<string, BlobServiceClient>,
): Promise<void> {
  const containers = new Map<string, ContainerClient>()
  for (const { account, container } of files) {
    const name = `${account}/${container}`
    if (containers.has(name)) continue
    const client = clients.get(account)
    if (client === undefined)
      throw new Error(`Sample imagery belongs into the storage account ${account}, which is not configured.`)
    containers.set(name, client.getContainerClient(container))
  }
  await Promise.all([...containers.values()].map((container) => container.createIfNotExists()))
  for (const { account, container, path, file } of files) {
    const blob = containers.get(`${account}/${container}`)?.getBlockBlobClient(path)
    await blob?.uploadStream(createReadStream(join(folder, file)), 4 * 1024 * 1024, 2, {
      blobHTTPHeaders: { blobContentType: 'image/tiff; application=geotiff; profile=cloud-optimized' },
    })
  }
}

async function fillCatalogue(database: pg.Client, set: SampleSet): Promise<InstalledSearch> {
  await database.query('SELECT pgstac.upsert_collection($1::jsonb)', [JSON.stringify(set.collection)])
  const items = set.files.map((file) => itemOf(set, file))
  await database.query('SELECT pgstac.upsert_items($1::jsonb)', [JSON.stringify(items)])
  const registered = await database.query<{ hash: string }>(
    'SELECT hash FROM pgstac.search_query($1::jsonb, false, $2::jsonb)',
    [JSON.stringify(set.search), JSON.stringify(set.metadata)],
  )
  return { id: registered.rows[0]?.hash as string, collection: set.collection.id, metadata: set.metadata }
}

function itemOf(set: SampleSet, file: SampleFile): object {
  return {
    id: file.itemId,
    type: 'Feature',
    stac_version: '1.0.0',
    stac_extensions: ['https://stac-extensions.github.io/projection/v1.1.0/schema.json'],
    collection: set.collection.id,
    bbox: bboxOf(file.ring),
    geometry: { type: 'Polygon', coordinates: [file.ring] },
    properties: { datetime: file.datetime, ...file.properties },
    assets: { [set.assetName]: { ...set.asset, href: hrefOf(file) } },
    links: [],
  }
}
