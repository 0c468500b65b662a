import { setTimeout as sleep } from 'node:timers/promises'
import { type Run, runSchema } from '../../../src/prerender/run-resource.ts'
import type { ApiClient } from '../api-client.ts'
import { type CliContext, CliError, exitCodes } from '../context.ts'
import { ProgressLine } from '../progress-line.ts'
import { grouped, progressText, runText } from '../run-text.ts'

/** Between two looks; a terminal is redrawn at most 5 times a second. */
const LOOK_MS = { terminal: 250, plain: 1_000 }

/** A server that is away for longer ends the watch; the run goes on without it. */
const PATIENCE_MS = 60_000

export const runPath = (id: string) => `/prerender-runs/${encodeURIComponent(id)}`

/**
 * Shows a run's progress on stderr until it is over, then prints the run. Resolves to the exit code: 0 when every tile is there,
 * 1 when one failed or the run was cancelled, 130 after Ctrl-C, which leaves the run at work.
 */
export async function watchRun(context: CliContext, api: ApiClient, id: string, json: boolean): Promise<number> {
  const progress = new ProgressLine(context)
  let answeredAt = performance.now()
  for (;;) {
    try {
      const run = await api.get(runPath(id), runSchema)
      answeredAt = performance.now()
      progress.update(progressText(run))
      if (run.state !== 'running') {
        progress.end()
        return end(context, run, json)
      }
    } catch (thrown) {
      if (context.interrupted.aborted) break
      const passing = thrown instanceof CliError && thrown.passing && performance.now() - answeredAt < PATIENCE_MS
      if (!passing) {
        progress.end()
        throw thrown
      }
      progress.update(`no answer for ${Math.round((performance.now() - answeredAt) / 1_000)} s, trying again`)
    }
    const pause = context.terminal ? LOOK_MS.terminal : LOOK_MS.plain
    await sleep(pause, undefined, { signal: context.interrupted }).catch(() => undefined)
    if (context.interrupted.aborted) break
  }
  progress.end()
  context.say(
    `The run goes on. See it again: tilepress prerender watch ${id}   End it: tilepress prerender cancel ${id}`,
  )
  return exitCodes.interrupted
}

function end({ out, say }: CliContext, run: Run, json: boolean): number {
  out(json ? JSON.stringify(run) : runText(run))
  if (run.state === 'cancelled') {
    say('The run was cancelled.')
    return exitCodes.failure
  }
  if (run.tiles.failed === 0) return exitCodes.success
  say(`${grouped(run.tiles.failed)} tiles failed. The same command again renders only what is missing.`)
  return exitCodes.failure
}
