import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile as writeText } from 'node:fs/promises'
import { join } from 'node:path'
import gdal from 'gdal-async'
import { say } from '../../bench/workspace.ts'
import { files } from './files.ts'
import { collection, stacItems } from './items.ts'
import { writeFile } from './write-file.ts'

export interface FileSet {
  readonly folder: string
  readonly collection: { readonly id: string }
  readonly items: readonly object[]
  /** Changes with every byte of a file and with every item. */
  readonly hash: string
}

/** The matrix's files, made on first use and kept in `cacheFolder` until their specs, the factory or GDAL change. */
export async function prepareFiles(cacheFolder: string): Promise<FileSet> {
  const folder = join(cacheFolder, 'parity', await recipe())
  if (!existsSync(join(folder, 'hash'))) await makeFiles(folder)
  const items = stacItems(folder)
  const portable = JSON.stringify(items).replaceAll(folder, '')
  const hash = createHash('sha256')
    .update(await readFile(join(folder, 'hash')))
    .update(portable)
    .digest('hex')
  return { folder, collection, items, hash }
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
  const hash = createHash('sha256')
  for (const name of (await readdir(draft)).sort()) hash.update(name).update(await readFile(join(draft, name)))
  await writeText(join(draft, 'hash'), hash.digest('hex'))
  await rename(draft, folder).catch(async (error) => {
    // Another run was first.
    await rm(draft, { recursive: true, force: true })
    if (!existsSync(join(folder, 'hash'))) throw error
  })
}
