import { readFileSync } from 'node:fs'
import type { TileMatrixSet } from './tile-matrix-set.ts'
import { type TileMatrixSetDocument, tileMatrixSetOf } from './tile-matrix-set-document.ts'

/** What scripts/make-tile-matrix-sets.py writes: a document whose matrices are lines, and what these share beside them. */
type CompactDocument = Omit<TileMatrixSetDocument, 'tileMatrices'> &
  Pick<TileMatrixSetDocument['tileMatrices'][number], 'pointOfOrigin'> & {
    readonly tileMatrices: readonly string[]
  }

const compact: readonly CompactDocument[] = JSON.parse(
  readFileSync(new URL('./tile-matrix-sets.json', import.meta.url), 'utf8'),
).tileMatrixSets

const registered = new Map(compact.map((document) => [document.id, tileMatrixSetOf(expand(document))]))

/** The tile matrix sets on offer, by id: the thirteen of morecantile, then those of the configured folder. */
export const tileMatrixSets: ReadonlyMap<string, TileMatrixSet> = registered

/** Adds a set, once, when a process starts. Throws RangeError for an id that is taken. */
export function registerTileMatrixSet(tms: TileMatrixSet): void {
  if (registered.has(tms.id)) throw new RangeError(`there is a tile matrix set ${tms.id} already`)
  registered.set(tms.id, tms)
}

function expand({ tileMatrices, pointOfOrigin, ...head }: CompactDocument): TileMatrixSetDocument {
  return {
    ...head,
    tileMatrices: tileMatrices.map((line) => {
      const [id = '', tileSize, matrixWidth, matrixHeight, cellSize, scaleDenominator, rows] = line.split(' ')
      return {
        ...{ id, pointOfOrigin, cornerOfOrigin: 'topLeft' },
        tileWidth: Number(tileSize),
        tileHeight: Number(tileSize),
        matrixWidth: Number(matrixWidth),
        matrixHeight: Number(matrixHeight),
        cellSize: Number(cellSize),
        scaleDenominator: Number(scaleDenominator),
        ...(rows !== undefined && { variableMatrixWidths: rows.split(',').map(coalescedRows) }),
      }
    }),
  }
}

/** `12:0-9` */
function coalescedRows(text: string): { coalesce: number; minTileRow: number; maxTileRow: number } {
  const [coalesce = 0, minTileRow = 0, maxTileRow = 0] = text.split(/[:-]/).map(Number)
  return { coalesce, minTileRow, maxTileRow }
}
