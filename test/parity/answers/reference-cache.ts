import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { referenceRelease } from '../../bench/reference.ts'
import type { Case } from '../matrix/case.ts'
import type { Answer } from './answer.ts'

let drafts = 0

/** The reference's answers on disk, by files and request. */
export class ReferenceCache {
  readonly #folder: string
  readonly #hashOf: (source: string) => string

  /** `hashOf`: of all in the catalogue that a source's answers depend on. */
  constructor(folder: string, hashOf: (source: string) => string) {
    this.#folder = folder
    this.#hashOf = hashOf
  }

  async get(one: Case): Promise<Answer | null> {
    const stored = await readFile(this.#path(one)).catch(() => null)
    if (!stored) return null
    const end = stored.indexOf('\n')
    return { ...(JSON.parse(stored.toString('utf8', 0, end)) as Omit<Answer, 'body'>), body: stored.subarray(end + 1) }
  }

  async set(one: Case, { body, ...head }: Answer): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    const path = this.#path(one)
    // Two requests may ask the same at one time.
    const draft = `${path}.${process.pid}-${drafts++}`
    await writeFile(draft, Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body]))
    await rename(draft, path)
  }

  #path(one: Case): string {
    const { source, path, body } = one
    const identity = JSON.stringify([referenceRelease, source && this.#hashOf(source.name), source, path, body ?? null])
    const hash = createHash('sha256').update(identity).digest('hex').slice(0, 24)
    return join(this.#folder, `${one.group.replaceAll(' ', '-')}-${hash}`)
  }
}
