import { Command, Option } from 'commander'
import { z } from 'zod'
import type { ApiClient } from '../api-client.ts'
import { type CliContext, CliError, exitCodes } from '../context.ts'
import { parseBbox, parseZooms } from './run-options.ts'

interface MosaicOptions {
  readonly search?: string
  readonly collection?: string
  readonly json?: true
}

interface InvalidateOptions extends MosaicOptions {
  readonly bbox?: number[]
  readonly zooms?: number[]
  readonly all?: true
}

interface RefreshOptions extends MosaicOptions {
  readonly changedSince?: string
  readonly dryRun?: true
}

const invalidatedSchema = z.looseObject({
  scope: z.enum(['area', 'layer']),
  generation: z.number(),
  regions: z.number(),
})

const refreshedSchema = z.looseObject({
  scope: z.enum(['none', 'area', 'layer']),
  reason: z.string().nullable(),
  items: z.number().nullable(),
  changes: z.object({ added: z.number(), changed: z.number(), deleted: z.number().nullable() }).nullable(),
})

/** `tilepress invalidate` and `tilepress refresh`. */
export function freshnessCommands(
  context: CliContext,
  connect: (command: Command) => Promise<ApiClient>,
): readonly Command[] {
  const ofMosaic = (command: Command) =>
    command
      .addOption(new Option('--search <id>', 'a registered search').conflicts('collection'))
      .option('--collection <id>', 'a collection')
      .option('--json', 'print the whole answer')

  const invalidate = ofMosaic(new Command('invalidate').description('make cached tiles of a mosaic outdated'))
    .option('--bbox <box>', 'west,south,east,north in degrees; west > east crosses the antimeridian', parseBbox)
    .option('--zooms <zooms>', 'a range, as 3 or 0-8', parseZooms)
    .option('--all', 'the whole mosaic')
    .action(async (options: InvalidateOptions, command: Command) => {
      const { bbox, zooms, all, json } = options
      if ((all === undefined) === (bbox === undefined && zooms === undefined)) {
        throw new CliError('Either --all, or --bbox and --zooms or one of them.', { exitCode: exitCodes.usage })
      }
      const [minzoom, maxzoom] = [zooms?.[0], zooms?.at(-1)]
      if (zooms && zooms.length !== Number(maxzoom) - Number(minzoom) + 1) {
        throw new CliError('--zooms takes one range here.', { exitCode: exitCodes.usage })
      }
      // JSON leaves out what is undefined.
      const path = `${mosaicPath(options)}/invalidate`
      const done = await (await connect(command)).post(path, { bbox, minzoom, maxzoom }, invalidatedSchema)
      if (json) context.out(JSON.stringify(done))
      else context.say(done.scope === 'layer' ? 'The whole mosaic is outdated.' : 'The area is outdated.')
    })

  const refresh = ofMosaic(
    new Command('refresh').description('make the tiles outdated that added, changed and deleted items touch'),
  )
    .option('--changed-since <time>', 'items updated since count as changed, too; as 2026-11-22T08:00:00Z')
    .option('--dry-run', 'tell what has changed, and change nothing')
    .action(async (options: RefreshOptions, command: Command) => {
      const body = { changed_since: options.changedSince, dry_run: options.dryRun }
      const done = await (await connect(command)).post(`${mosaicPath(options)}/refresh`, body, refreshedSchema)
      context.out(options.json ? JSON.stringify(done) : refreshText(done))
    })

  return [invalidate, refresh]
}

function mosaicPath({ search, collection }: MosaicOptions): string {
  if (search !== undefined) return `/searches/${encodeURIComponent(search)}`
  if (collection !== undefined) return `/collections/${encodeURIComponent(collection)}`
  throw new CliError('One of --search and --collection is required.', { exitCode: exitCodes.usage })
}

function refreshText({ scope, reason, changes }: z.output<typeof refreshedSchema>): string {
  const told = changes ? `${changes.added} added, ${changes.changed} changed, ${changes.deleted ?? '?'} deleted` : ''
  if (scope === 'none') return `Nothing is outdated: ${told}.`
  if (scope === 'area') return `Tiles of these items are outdated: ${told}.`
  return `The whole mosaic is outdated (${[reason, told].filter(Boolean).join('; ')}).`
}
