import { Command, CommanderError } from 'commander'
import { ApiClient } from './api-client.ts'
import { authCommand } from './commands/auth.ts'
import { freshnessCommands } from './commands/freshness.ts'
import { healthCommand } from './commands/health.ts'
import { prerenderCommand } from './commands/prerender.ts'
import { searchCommand } from './commands/search.ts'
import { type CliContext, CliError, exitCodes } from './context.ts'

const help = `
Examples:
  tilepress health
  tilepress auth check https://account.blob.core.windows.net/container/scene.tif
  tilepress search register search.json
  tilepress prerender start --search <id> --zooms 0-8 --assets visual
  tilepress refresh --search <id>

Environment:
  TILEPRESS_URL      address of the API (http://localhost:8000)
  TILEPRESS_API_KEY  key for what changes something; or a file with it: --key-file

Data goes to standard output, messages to standard error.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`

/** Runs one command line (without program names) and resolves to the exit code. Throws only what is a bug. */
export async function runCli(args: readonly string[], context: CliContext): Promise<number> {
  let exitCode: number = exitCodes.success
  const finish = (code: number) => {
    exitCode = code
  }
  const program = new Command('tilepress')
    .description('Tilepress from the command line')
    .option('--url <address>', 'address of the API', context.url)
    .option('--key-file <path>', 'file that holds the API key; - reads it from standard input')
    .addHelpText('after', help)
  program
    .addCommand(prerenderCommand(context, connect, finish))
    .addCommand(searchCommand(context, connect))
    .addCommand(healthCommand(context, connect, finish))
    .addCommand(authCommand(context, finish))
  for (const command of freshnessCommands(context, connect)) program.addCommand(command)
  prepare(program, context)
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (thrown) {
    // Commander has said what was wrong; help and version are no errors.
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.success : exitCodes.usage
    if (context.interrupted.aborted) return exitCodes.interrupted
    if (!(thrown instanceof CliError)) throw thrown
    context.say(thrown.message)
    return thrown.exitCode
  }

  async function connect(command: Command): Promise<ApiClient> {
    const { url, keyFile } = command.optsWithGlobals<{ url: string; keyFile?: string }>()
    const apiKey = keyFile === undefined ? context.apiKey : (await context.read(keyFile)).trim()
    return new ApiClient(url, apiKey, context.interrupted)
  }
}

/** Sub-commands made apart from the program do not inherit these. */
function prepare(command: Command, context: CliContext): void {
  command.exitOverride().showHelpAfterError('(--help tells more)')
  command.configureOutput({
    writeOut: (text) => context.out(text.trimEnd()),
    writeErr: (text) => context.say(text.trimEnd()),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  })
  for (const child of command.commands) prepare(child, context)
}
