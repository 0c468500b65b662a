import { Command, Option } from 'commander'
import { z } from 'zod'
import { runSchema, runSummarySchema } from '../../../src/prerender/run-resource.ts'
import type { ApiClient } from '../api-client.ts'
import { type CliContext, CliError, exitCodes } from '../context.ts'
import { grouped, runTable, runText } from '../run-text.ts'
import {
  collect,
  collectParameter,
  type ParameterOptions,
  parseBbox,
  parseCount,
  parseZooms,
  tileQuery,
} from './run-options.ts'
import { runPath, watchRun } from './watch-run.ts'

interface StartOptions extends ParameterOptions {
  readonly search?: string
  readonly collection?: string
  readonly bbox?: number[]
  readonly zooms: number[]
  readonly tms?: string
  readonly format?: string
  readonly force?: true
  readonly detach?: true
  readonly json?: true
}

interface JsonOption {
  readonly json?: true
}

const runsSchema = z.object({ runs: z.array(runSummarySchema) })

const startExamples = `
Examples:
  tilepress prerender start --search <id> --zooms 0-8 --assets visual
  tilepress prerender start --collection namangan --bbox 70.5,40.5,72,41.5 --zooms 8-14 \\
    --assets 'image|bidx=3,2,1' --rescale 0,3000 --format png
  tilepress prerender start --search <id> --zooms 0-6 --assets visual --detach`

/** `tilepress prerender …`. `finish` takes the exit code of a command that did its work. */
export function prerenderCommand(
  context: CliContext,
  connect: (command: Command) => Promise<ApiClient>,
  finish: (exitCode: number) => void,
): Command {
  const prerender = new Command('prerender').description('fill the tile cache ahead of the first client')

  prerender
    .command('start')
    .description('start a run, and show its progress until it ends')
    .addOption(new Option('--search <id>', 'render a registered search').conflicts('collection'))
    .option('--collection <id>', 'render a collection')
    .option(
      '--bbox <box>',
      'west,south,east,north in degrees; west > east crosses the antimeridian (default: all of the layer)',
      parseBbox,
    )
    .requiredOption('--zooms <zooms>', 'as 3, 0-8 or 0,3-5', parseZooms)
    .option('--assets <asset>', 'asset, as name or name|bidx=3,2,1; may be repeated', collect)
    .option('--rescale <min,max>', 'may be repeated, once a band', collect)
    .option('--colormap-name <name>')
    .option('--nodata <value>', 'a number, nan, inf or -inf')
    .option('--resampling <kernel>')
    .option('--reproject <kernel>')
    .option('--pixel-selection <name>')
    .option('--return-mask <true|false>')
    .option('--tilesize <pixels>')
    .option('--param <name=value>', 'any other parameter of the tile URL; may be repeated', collectParameter)
    .option('--format <format>', 'png, jpeg, jpg or webp (default: as the tile URL without extension)')
    .option('--tms <id>', 'tile matrix set (default: WebMercatorQuad)')
    .option('--force', 'render also what is cached')
    .option('-d, --detach', 'print the id of the run and leave it at work')
    .option('--json', 'print the run as JSON')
    .addHelpText('after', startExamples)
    .action(async (options: StartOptions, command: Command) => {
      const body = runBody(options)
      const api = await connect(command)
      const run = await api.post('/prerender-runs', body, runSchema)
      context.say(`Run ${run.id}: ${grouped(run.tiles.total)} tiles in ${grouped(run.jobs.total)} jobs.`)
      if (!options.detach) return finish(await watchRun(context, api, run.id, options.json ?? false))
      context.out(options.json ? JSON.stringify(run) : run.id)
      context.say(`See it: tilepress prerender watch ${run.id}`)
    })

  prerender
    .command('status')
    .description('print a run')
    .argument('<run>', 'its id')
    .option('--json', 'as JSON')
    .action(async (id: string, { json }: JsonOption, command: Command) => {
      const run = await (await connect(command)).get(runPath(id), runSchema)
      context.out(json ? JSON.stringify(run) : runText(run))
    })

  prerender
    .command('watch')
    .description('show the progress of a run until it ends')
    .argument('<run>', 'its id')
    .option('--json', 'print the run as JSON')
    .action(async (id: string, { json }: JsonOption, command: Command) => {
      finish(await watchRun(context, await connect(command), id, json ?? false))
    })

  prerender
    .command('list')
    .description('print the newest runs')
    .option('-n, --limit <runs>', 'how many', parseCount, 20)
    .option('--json', 'as JSON, a line each')
    .action(async ({ json, limit }: JsonOption & { limit: number }, command: Command) => {
      const { runs } = await (await connect(command)).get(`/prerender-runs?limit=${limit}`, runsSchema)
      if (json) for (const run of runs) context.out(JSON.stringify(run))
      else if (runs.length > 0) context.out(runTable(runs))
      else context.say('There are no runs.')
    })

  prerender
    .command('cancel')
    .description('end a run; what it rendered stays')
    .argument('<run>', 'its id')
    .option('--json', 'print the run as JSON')
    .action(async (id: string, { json }: JsonOption, command: Command) => {
      const run = await (await connect(command)).post(`${runPath(id)}/cancel`, {}, runSchema)
      if (json) context.out(JSON.stringify(run))
      if (run.state === 'cancelled')
        context.say(
          `Run ${run.id} is cancelled: ${grouped(run.tiles.done)} of ${grouped(run.tiles.total)} tiles were done.`,
        )
      else context.say(`Run ${run.id} was ${run.state} before.`)
    })

  return prerender
}

function runBody(options: StartOptions): Record<string, unknown> {
  const { search, collection, bbox, zooms, tms, format, force } = options
  if (search === undefined && collection === undefined) {
    throw new CliError('One of --search and --collection is required.', { exitCode: exitCodes.usage })
  }
  // JSON leaves out what is undefined.
  return { search, collection, bbox, zooms, tile_matrix_set: tms, format, force, parameters: tileQuery(options) }
}
