import type { Answer } from '../answers/answer.ts'
import type { Case } from '../matrix/case.ts'

/** A difference that is meant. */
export interface Deviation {
  /** Stands in docs/compatibility.md, word for word. */
  readonly name: string
  readonly applies: (one: Case, theirs: Answer, ours: Answer) => boolean
}

/** Known and explained, one by one; the reasons are in docs/compatibility.md. */
export const deviations: readonly Deviation[] = [
  {
    name: 'Requests that are wrong',
    applies: (_, theirs, ours) => [400, 500].includes(theirs.status) && [400, 404, 422].includes(ours.status),
  },
  {
    name: 'Comparisons as images (`b1>2`)',
    applies: ({ path }, theirs, ours) => path.includes('expression=') && theirs.status === 500 && ours.status === 200,
  },
  {
    name: 'Expressions: spaces around a block, `3 // b1`, `3 & b1`',
    applies: ({ path }, theirs, ours) => path.includes('expression=') && theirs.status === 400 && ours.status === 200,
  },
  {
    name: 'A nodata value that samples cannot have',
    applies: ({ path }, theirs, ours) => path.includes('nodata=') && theirs.status === 500 && ours.status === 200,
  },
  {
    name: 'TileJSON of a mosaic',
    applies: ({ path, source }) => path.includes('tilejson.json') && source?.kind === 'search',
  },
  {
    name: 'Band descriptions of an asset with several bands',
    applies: ({ comparison }, theirs, ours) =>
      comparison === 'json' &&
      theirs.status === 200 &&
      ours.status === 200 &&
      undescribed(theirs) === undescribed(ours),
  },
]

/** An answer's JSON without what its bands are called. */
function undescribed({ body }: Answer): string {
  return JSON.stringify(JSON.parse(body.toString()), (key, value: unknown) =>
    key === 'band_descriptions' || key === 'description'
      ? undefined
      : typeof value === 'number'
        ? Math.fround(value)
        : value,
  )
}

/** The deviation that explains a difference, or null. */
export function explanationOf(one: Case, theirs: Answer, ours: Answer): string | null {
  return deviations.find(({ applies }) => applies(one, theirs, ours))?.name ?? null
}

/** What Tilepress refuses and the reference does: not offered yet, rather than wrong. */
export function isNotOffered(theirs: Answer, ours: Answer): boolean {
  if (theirs.status !== 200) return false
  return (
    (ours.status === 422 && /not supported|takes one of|not offered/.test(ours.body.toString())) || isMissingRoute(ours)
  )
}

function isMissingRoute(ours: Answer): boolean {
  return ours.status === 404 && /ROUTE_NOT_FOUND|TILE_MATRIX_SET_NOT_FOUND/.test(ours.body.toString())
}
