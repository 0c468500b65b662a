import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../config.ts'
import type { TileMatrixSet } from './tile-matrix-set.ts'
import { documentSchema, tileMatrixSetOf } from './tile-matrix-set-document.ts'
import { registerTileMatrixSet } from './tile-matrix-sets.ts'

/** What a configured folder may hold, so that a wrong one ends the start and not the memory. */
const MOST_FILES = 100
const LARGEST_FILE = 1_048_576

/**
 * Offers every `*.json` of a folder beside the thirteen sets: OGC Two Dimensional Tile Matrix Set 2.0 documents, the file's name being the
 * id, as morecantile's TILEMATRIXSET_DIRECTORY has it. Throws ConfigError with one line per document that cannot be used.
 */
export function registerTileMatrixSetsOf(folder: string | undefined): void {
  if (folder === undefined) return
  const problems: string[] = []
  for (const file of documentsIn(folder)) {
    try {
      registerTileMatrixSet(readTileMatrixSet(join(folder, file)))
    } catch (error) {
      problems.push(`TILEMATRIXSET_DIRECTORY: ${file}: ${reasonOf(error)}`)
    }
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'))
}

function documentsIn(folder: string): string[] {
  const files = readFolder(folder).filter((file) => file.endsWith('.json'))
  if (files.length <= MOST_FILES) return files.sort()
  throw new ConfigError(`TILEMATRIXSET_DIRECTORY: the folder has ${files.length} documents, of at most ${MOST_FILES}`)
}

function readFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    throw new ConfigError(`TILEMATRIXSET_DIRECTORY: there is no folder that can be read`)
  }
}

function readTileMatrixSet(path: string): TileMatrixSet {
  const { size } = statSync(path)
  if (size > LARGEST_FILE) throw new RangeError(`${size} bytes, of at most ${LARGEST_FILE}`)
  const id = basename(path, '.json')
  const given: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (typeof given === 'object' && given !== null && ('supportedCRS' in given || 'tileMatrix' in given)) {
    throw new RangeError('is a document of version 1.0 of the standard, of which 2.0 is read (crs, tileMatrices)')
  }
  const document = documentSchema.parse(Object.assign({ id }, given))
  if (document.id !== id) throw new RangeError(`its id is ${document.id}, which must be the file's name`)
  return tileMatrixSetOf(document)
}

function reasonOf(error: unknown): string {
  if (!(error instanceof z.ZodError)) return error instanceof Error ? error.message : 'cannot be read'
  const [issue] = error.issues
  const where = issue?.path.join('.') ?? ''
  return `${where === '' ? '' : `${where}: `}${issue?.message ?? 'is not a tile matrix set'}`
}
