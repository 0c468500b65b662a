import { Command } from 'commander'
import { z } from 'zod'
import type { ApiClient } from '../api-client.ts'
import { type CliContext, exitCodes } from '../context.ts'
import { printable } from '../run-text.ts'

const healthSchema = z.looseObject({ status: z.string() })

/** `tilepress health`: exit code 0 only when every part is well. */
export function healthCommand(
  context: CliContext,
  connect: (command: Command) => Promise<ApiClient>,
  finish: (exitCode: number) => void,
): Command {
  return new Command('health')
    .description('print the state of the service and of what it depends on')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: true }, command: Command) => {
      const health = await (await connect(command)).get('/healthz', healthSchema)
      const lines = Object.entries(health).map(([name, value]) => {
        return printable(`${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
      })
      context.out(json ? JSON.stringify(health) : lines.join('\n'))
      finish(health.status === 'healthy' ? exitCodes.success : exitCodes.failure)
    })
}
