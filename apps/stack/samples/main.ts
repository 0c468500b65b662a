import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import gdal from 'gdal-async'
import { readConfig } from '../../../src/config.ts'
import { userCacheFolder } from '../services/cache-folder.ts'
import { blueMarble, makeBlueMarble } from './blue-marble.ts'
import { installSamples } from './install.ts'
import { makeNamangan, namangan } from './namangan.ts'

/**
 * `main.ts make`: makes the sample COGs, once per user and version, and prints their folder.
 * `main.ts install FILE`: uploads them and fills the catalogue that the environment names, and writes the searches to FILE.
 */
async function main([step, file]: string[]): Promise<void> {
  const folder = await makeSamples()
  if (step === 'make') return console.log(folder)
  if (step !== 'install' || file === undefined) throw new Error('Say `make`, or `install` and a file.')
  const config = readConfig(process.env)
  const searches = await installSamples([blueMarble, namangan], {
    accounts: config.AZURE_STORAGE_ACCOUNTS,
    databaseUrl: config.DATABASE_URL,
    folder,
  })
  await writeFile(file, JSON.stringify({ revision: folder.split('/').at(-1), searches }, null, 2))
}

/** The folder with every sample COG, from the per-user cache or made now. */
async function makeSamples(): Promise<string> {
  const cache = join(userCacheFolder(process.env), 'samples')
  const folder = join(cache, await revision())
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

/** Changes with the code that makes the samples and with GDAL. */
async function revision(): Promise<string> {
  const hash = createHash('sha256').update(gdal.version)
  for (const name of (await readdir(import.meta.dirname)).sort())
    hash.update(await readFile(join(import.meta.dirname, name)))
  return hash.digest('hex').slice(0, 16)
}

await main(process.argv.slice(2))
