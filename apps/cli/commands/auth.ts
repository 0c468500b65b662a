import { Command } from 'commander'
import type { Finding } from '../../../src/diagnosis/access-check.ts'
import { type CliContext, CliError, exitCodes } from '../context.ts'
import { printable } from '../run-text.ts'

/** `tilepress auth check [href]`: exit code 0 only when no step failed. */
export function authCommand(context: CliContext, finish: (exitCode: number) => void): Command {
  const check = new Command('check')
    .description(
      'walk identity, token, storage, GDAL, pgSTAC, Redis and tile container, and say which step fails and what mends it',
    )
    .argument('[href]', 'an asset, as the catalogue has it')
    .option('--json', 'one finding a line as JSON')
    .addHelpText('after', '\nReads the settings of API and worker from the environment. Needs no running server.')
    .action(async (href: string | undefined, { json }: { json?: true }) => {
      // GDAL and the Azure SDK are loaded here alone: the other commands work without them.
      const { startAccessCheck } = await import('../access-check.ts')
      const { check, close } = await startAccessCheck(context.environment).catch((error: unknown) => {
        throw new CliError(error instanceof Error ? error.message : String(error), { exitCode: exitCodes.usage })
      })
      let failed = false
      try {
        for await (const finding of check.run(href ?? null)) {
          failed ||= finding.state === 'failed'
          context.out(json ? JSON.stringify(finding) : textOf(finding))
        }
      } finally {
        await close()
      }
      finish(failed ? exitCodes.failure : exitCodes.success)
    })
  return new Command('auth').description('sign-in and access').addCommand(check)
}

const marks = { ok: 'ok     ', failed: 'FAILED ', skipped: '–      ' } as const

function textOf({ step, state, says, code, mend }: Finding): string {
  const lines = [`${marks[state]} ${step.padEnd(14)} ${code === null ? '' : `${code}: `}${says}`]
  if (mend !== null) lines.push(`        mend it with   ${mend}`)
  return lines.map(printable).join('\n')
}
