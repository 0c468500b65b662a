import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { sampleRevision } from './samples/revision.ts'
import { startChild } from './services/child.ts'

const installed = z.object({
  revision: z.string(),
  searches: z.array(z.object({ id: z.string(), collection: z.string(), metadata: z.record(z.string(), z.unknown()) })),
})

/** What is in samples.json: the searches that were registered for the sample collections. */
export type InstalledSamples = z.output<typeof installed>

export interface SampleImageryOptions {
  readonly checkout: string
  readonly logs: string
  /** What src/config.ts reads, and the certificates to trust. */
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
}

/** The searches of the samples when those that this code makes are installed, else undefined. */
export async function installedSamples(file: string): Promise<InstalledSamples | undefined> {
  if (!existsSync(file)) return undefined
  const read = installed.safeParse(JSON.parse(await readFile(file, 'utf8').catch(() => 'null')))
  return read.success && read.data.revision === (await sampleRevision()) ? read.data : undefined
}

/** Makes the sample COGs, unless this user's cache has them. In a process of its own: it keeps a core busy for 10 s. */
export async function makeSampleImagery(options: SampleImageryOptions): Promise<void> {
  await runSamples(['make'], options)
}

/** Uploads the COGs, fills the catalogue, registers the searches, and keeps them in `file`. */
export async function installSampleImagery(file: string, options: SampleImageryOptions): Promise<InstalledSamples> {
  await runSamples(['install', file], options)
  const samples = await installedSamples(file)
  if (samples === undefined) throw new Error(`${file} was not written as expected.`)
  return samples
}

async function runSamples(args: string[], { checkout, logs, env, signal }: SampleImageryOptions): Promise<void> {
  const child = await startChild({
    name: 'Making sample imagery',
    command: process.execPath,
    args: [join(checkout, 'apps/stack/samples/main.ts'), ...args],
    env,
    logFile: join(logs, `samples-${args[0]}.log`),
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 5_000,
  })
  const stop = () => void child.stop()
  signal.addEventListener('abort', stop)
  const { code } = await child.exited
  signal.removeEventListener('abort', stop)
  signal.throwIfAborted()
  if (code !== 0) throw new Error(`Sample imagery could not be prepared: ${await child.lastWords()}`)
}
