import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { readConfig } from '../../../src/config.ts'
import { userCacheFolder } from '../services/cache-folder.ts'
import { blueMarble, makeBlueMarble } from './blue-marble.ts'
import { installSamples } from './install.ts'
import { makeNamangan, namangan } from './namangan.ts'
import { sampleRevision } from './revision.ts'

/**
 * `main.ts make`: makes the sample COGs, once per user and version.
 * `main.ts install FILE`: uploads them and fills the catalogue that the environment names, and writes the searches to FILE.
 */
async function main([step, file]: string[]): Promise<void> {
  const folder = await madeSamples()
  if (step === 'make') return
  if (step !== 'install' || file === undefined) throw new Error('Say `make`, or `install` and a file.')
  const config = readConfig(process.env)
  const searches = await installSamples([blueMarble, namangan], {
    accounts: config.AZURE_STORAGE_ACCOUNTS,
    tileContainerUrl: config.TILE_CONTAINER_URL,
    databaseUrl: config.DATABASE_URL,
    folder,
  })
  const half = `${file}.${process.pid}`
  await writeFile(half, JSON.stringify({ revision: basename(folder), searches }, null, 2))
  await rename(half, file)
}

/** The folder with every sample COG, from the per-user cache or made now. */
async function madeSamples(): Promise<string> {
  const folder = join(userCacheFolder(process.env), 'samples', await sampleRevision())
  if (existsSync(folder)) return folder
  const half = `${folder}.${process.pid}`
  await mkdir(half, { recursive: true })
  try {
    const jpeg = resolve(import.meta.dirname, '../../../node_modules/three-globe/example/img/earth-blue-marble.jpg')
    await makeBlueMarble(half, jpeg)
    await makeNamangan(half)
    await rename(half, folder).catch((error) => {
      // Another process was faster; its files are the same.
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(half, { recursive: true, force: true })
  }
  return folder
}

await main(process.argv.slice(2))
