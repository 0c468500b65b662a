import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Names the samples that this code makes: changes with any file of this folder. */
export async function sampleRevision(): Promise<string> {
  const hash = createHash('sha256')
  const names = (await readdir(import.meta.dirname)).sort()
  for (const name of names) hash.update(await readFile(join(import.meta.dirname, name)))
  return hash.digest('hex').slice(0, 16)
}
