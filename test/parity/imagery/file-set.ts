import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile as writeText } from 'node:fs/promises'
import { join } from 'node:path'
import gdal from 'gdal-async'
import { say } from '../../bench/workspace.ts'
import { files } from './files.ts'
import { collection, stacItems } from './items.ts'
import { items, layers } from './layers.ts'
import { writeFile } from './write-file.ts'

export interface FileSet {
  readonly folder: string
  readonly collection: { readonly id: string }
  readonly items: readonly object[]
  /** Of a layer or an item: changes with every byte of its files and with its items. */
  hashOf(source: string): string
}

/** The matrix's files, made on first use and kept in `cacheFolder` until their specs, the factory or GDAL change. */
export async function prepareFiles(cacheFolder: string): Promise<FileSet> {
  const folder = join(cacheFolder, 'parity', await recipe())
  if (!existsSync(join(folder, 'hashes.json'))) await makeFiles(folder)
  const hashes = JSON.parse(await readFile(join(folder, 'hashes.json'), 'utf8')) as Record<string, string>
  const stac = stacItems(folder)
  return { folder, collection, items: stac, hashOf: (source) => hashOfSource(source, stac, hashes, folder) }
}

function hashOfSource(source: string, stac: readonly object[], hashes: Record<string, string>, folder: string): string {
  const hash = createHash('sha256')
  for (const id of layers.find(({ name }) => name === source)?.items ?? [source]) {
    const index = items.findIndex((item) => item.id === id)
    // Dates only make an order.
    const { properties: _, ...item } = (stac[index] ?? {}) as { properties?: object }
    hash.update(JSON.stringify(item).replaceAll(folder, ''))
    for (const file of Object.values(items[index]?.assets ?? {})) hash.update(hashes[file] ?? '')
  }
  return hash.digest('hex')
}

async function recipe(): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(files)).update(gdal.version)
  for (const name of ['samples.ts', 'write-file.ts']) hash.update(await readFile(join(import.meta.dirname, name)))
  return hash.digest('hex').slice(0, 16)
}

async function makeFiles(folder: string): Promise<void> {
  say(`making ${files.length} files in ${folder}`)
  const parent = join(folder, '..')
  await mkdir(parent, { recursive: true })
  const draft = await mkdtemp(join(parent, 'draft-'))
  for (const file of files) writeFile(file, join(draft, `${file.name}.tif`))
  const hashes: Record<string, string> = {}
  for (const name of (await readdir(draft)).sort()) {
    hashes[name.replace('.tif', '')] = createHash('sha256')
      .update(await readFile(join(draft, name)))
      .digest('hex')
  }
  await writeText(join(draft, 'hashes.json'), JSON.stringify(hashes))
  await rename(draft, folder).catch(async (error) => {
    // Another run was first.
    await rm(draft, { recursive: true, force: true })
    if (!existsSync(join(folder, 'hashes.json'))) throw error
  })
}
