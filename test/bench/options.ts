import { parseArgs } from 'node:util'

export const usage = `npm run bench -- NAME [options]

  miss     tiles that no cache has, through HTTP, queue and workers, beside titiler-pgstac on the same database and files
  hit      cached tiles of one API process: from memory, from Redis, and 304s, beside a bare Koa handler and nginx
  queue    what HTTP, the queue and pub/sub add to a render, one tile at a time
  bulk     pre-render runs over all of the imagery, tiles per second of CPU
  crowd    cached tiles while 2,000 clients wait for missing ones before one worker
  seed     missing tiles while pre-render runs go on at full speed, beside the same without them
  memory   resident memory of a worker over renders of ever changing files
  cold     the first tile of a worker just started, from a storage 30 ms away, beside titiler-pgstac just started
  rotation tokens replaced every 10 s under load, with a storage that refuses the old one; --runs 14 are 20,000 tiles of the world a phase
  chain    the whole chain of DefaultAzureCredential with tokens of 6 min, whose end storage goes by, for --minutes
  parity   the pixels of every tile beside those of titiler-pgstac
  render   the renderer alone, without servers

Everything a bench needs is started on free ports in a temporary folder and stopped at the end. The last line of standard output is JSON.

  --world DIR         imagery: collection.json, items.json, tiles.txt and files (../shared/data/world when it is there, else sample imagery)
  --tiles N           only the first N tiles of the list
  --runs N            measurements of each figure, of which the median is told (3)
  --clients A,B       clients of miss and seed (10,32)
  --workers N         render workers, and processes of the reference (2)
  --seconds N         length of each measurement of hit (8)
  --renders N         renders of memory (3000)
  --minutes N         length of chain (13: two lives of a token)
  --plot PATH         where memory writes PATH.csv and PATH.svg
  --no-reference      without titiler-pgstac or the bare handler
  --load FILE         another load generator with load.ts's arguments and output, such as ../shared/tools/load.mjs
  --env NAME=VALUE    a setting of API and workers; may be given more than once
  --node-flag FLAG    a flag of Node for API and workers, as --node-flag=--trace-gc; may be given more than once
  --profile DIR       writes CPU profiles of API and workers (for Chrome's developer tools or speedscope) to DIR
`

export interface BenchOptions {
  readonly world: string | undefined
  readonly tiles: number
  readonly runs: number
  readonly clients: readonly number[]
  readonly workers: number
  readonly seconds: number
  readonly renders: number
  readonly minutes: number
  readonly plot: string | undefined
  readonly reference: boolean
  readonly load: string | undefined
  readonly env: Readonly<Record<string, string>>
  readonly nodeFlags: readonly string[]
  readonly profile: string | undefined
}

/** Throws an Error with one sentence for what it can't read. */
export function parseOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      world: { type: 'string' },
      tiles: { type: 'string' },
      runs: { type: 'string', default: '3' },
      clients: { type: 'string', default: '10,32' },
      workers: { type: 'string', default: '2' },
      seconds: { type: 'string', default: '8' },
      renders: { type: 'string', default: '3000' },
      minutes: { type: 'string', default: '13' },
      plot: { type: 'string' },
      reference: { type: 'boolean', default: true },
      load: { type: 'string' },
      env: { type: 'string', multiple: true, default: [] },
      'node-flag': { type: 'string', multiple: true, default: [] },
      profile: { type: 'string' },
    },
  })
  return {
    world: values.world,
    tiles: values.tiles === undefined ? Number.POSITIVE_INFINITY : whole('tiles', values.tiles),
    runs: whole('runs', values.runs),
    clients: values.clients.split(',').map((text) => whole('clients', text)),
    workers: whole('workers', values.workers),
    seconds: whole('seconds', values.seconds),
    renders: whole('renders', values.renders),
    minutes: whole('minutes', values.minutes),
    plot: values.plot,
    reference: values.reference,
    load: values.load,
    env: Object.fromEntries(values.env.map(setting)),
    nodeFlags: values['node-flag'],
    profile: values.profile,
  }
}

function whole(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new Error(`--${name} takes whole numbers above 0`)
}

function setting(text: string): [name: string, value: string] {
  const at = text.indexOf('=')
  if (at < 1) throw new Error('--env takes NAME=VALUE')
  return [text.slice(0, at), text.slice(at + 1)]
}
