import { parseArgs } from 'node:util'

export const usage = `npm run parity -- [options]

Asks titiler-pgstac and Tilepress the same questions over the same database and files, and compares the answers pixel by
pixel and value by value. Ends with 0 when every difference is one that docs/compatibility.md names.

  --list                 names the requests and asks nothing
  --group NAME           only this group; may be given more than once
  --only TEXT            only requests whose name has TEXT; may be given more than once
  --limit N              only the first N of each group
  --case NAME            one request, with the first pixels that differ and a picture of all
  --random N             also N tiles by chance: any file, place, zoom, kernels, bands and size
  --seed N               other ones (1)
  --world DIR            also the tiles of an imagery folder: collection.json, items.json, tiles.txt and files
  --reference-cache DIR  keeps the reference's answers for further runs with the same files
  --out DIR              pictures of differences, and the result as JSON (a temporary folder)
  --workers N            render workers (1)
  --strict               what Tilepress refuses as not offered is a failure
  --keep                 leaves the servers running until Ctrl-C
`

export interface ParityOptions {
  readonly list: boolean
  readonly groups: readonly string[]
  readonly only: readonly string[]
  readonly limit: number
  readonly case: string | undefined
  readonly random: number
  readonly seed: number
  readonly world: string | undefined
  readonly referenceCache: string | undefined
  readonly out: string | undefined
  readonly workers: number
  readonly strict: boolean
  readonly keep: boolean
}

/** Throws an Error with one sentence for what it can't read. */
export function parseOptions(args: string[]): ParityOptions {
  const { values } = parseArgs({
    args,
    options: {
      list: { type: 'boolean', default: false },
      group: { type: 'string', multiple: true, default: [] },
      only: { type: 'string', multiple: true, default: [] },
      limit: { type: 'string' },
      case: { type: 'string' },
      random: { type: 'string' },
      seed: { type: 'string', default: '1' },
      world: { type: 'string' },
      'reference-cache': { type: 'string' },
      out: { type: 'string' },
      workers: { type: 'string', default: '1' },
      strict: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
    },
  })
  return {
    list: values.list,
    groups: values.group,
    only: values.only,
    limit: values.limit === undefined ? Number.POSITIVE_INFINITY : whole('limit', values.limit),
    case: values.case,
    random: values.random === undefined ? 0 : whole('random', values.random),
    seed: whole('seed', values.seed),
    world: values.world,
    referenceCache: values['reference-cache'],
    out: values.out,
    workers: whole('workers', values.workers),
    strict: values.strict,
    keep: values.keep,
  }
}

function whole(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new Error(`--${name} takes whole numbers above 0`)
}
