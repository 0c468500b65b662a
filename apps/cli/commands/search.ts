import { Command } from 'commander'
import { z } from 'zod'
import type { ApiClient } from '../api-client.ts'
import { type CliContext, CliError, exitCodes } from '../context.ts'

const registeredSchema = z.looseObject({ id: z.string() })

/** `tilepress search …`. */
export function searchCommand(context: CliContext, connect: (command: Command) => Promise<ApiClient>): Command {
  const search = new Command('search').description('searches that are served as mosaics')
  search
    .command('register')
    .description('register a STAC search and print its id')
    .argument('<file>', 'the search as JSON; - reads it from standard input')
    .option('--json', 'print the whole answer')
    .addHelpText(
      'after',
      `
Examples:
  tilepress search register search.json
  echo '{"collections": ["namangan-imagery"]}' | tilepress search register -`,
    )
    .action(async (file: string, { json }: { json?: true }, command: Command) => {
      if (file === '-' && command.optsWithGlobals().keyFile === '-') {
        throw new CliError('Standard input cannot be both the search and the key.', { exitCode: exitCodes.usage })
      }
      const body = parseSearch(await context.read(file), file)
      const registered = await (await connect(command)).post('/searches/register', body, registeredSchema)
      context.out(json ? JSON.stringify(registered) : registered.id)
    })
  return search
}

function parseSearch(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const name = file === '-' ? 'Standard input' : file
    throw new CliError(`${name} is not JSON: ${error instanceof Error ? error.message : ''}`)
  }
}
