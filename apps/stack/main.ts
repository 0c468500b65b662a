import { join, relative, resolve } from 'node:path'
import { Releasers } from '../../src/release.ts'
import { banner } from './banner.ts'
import { openDataFolder } from './data-folder.ts'
import { programEnvironment } from './program-environment.ts'
import { startPrograms } from './programs.ts'
import { startProgress } from './progress.ts'
import { installedSamples, installSampleImagery, makeSampleImagery } from './sample-imagery.ts'
import { startServers } from './servers.ts'
import { userCacheFolder } from './services/cache-folder.ts'
import { assertPortFree } from './services/ports.ts'
import { readSettings } from './settings.ts'

/** The local stack: every server Tilepress needs, sample imagery, one API, some workers; one process tree that ends as one. */

const checkout = resolve(import.meta.dirname, '../..')
const releasers = new Releasers()
const stopping = new AbortController()
const { step, say } = startProgress((text) => process.stdout.write(text))

let askedAt = 0
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Asked again: leave at once, and the kernel tells what still runs. npm passes Ctrl-C on, so the same one may arrive twice.
    if (stopping.signal.aborted && performance.now() - askedAt > 1_000) process.exit(130)
    if (stopping.signal.aborted) return
    askedAt = performance.now()
    say('\nStopping …')
    stopping.abort()
  })
}
// A terminal that was closed is no reason to leave servers behind.
process.stdout.on('error', () => undefined)

/** A path as short as it can be said from here. */
function shown(path: string): string {
  const short = relative(process.cwd(), path)
  return short === '' || short.startsWith('..') ? path : short
}

/** Starts everything; the promise it returns settles with a sentence when a part was lost for good. */
async function start(): Promise<{ readonly lost: Promise<string> }> {
  const { signal } = stopping
  const settings = readSettings(process.env, checkout)
  await assertPortFree(settings.host, settings.port)
  const data = await openDataFolder(settings.dataFolder)
  releasers.add('the data folder', data.release)
  say(`Tilepress: the local stack in ${shown(data.path)}`)
  if (!data.postgres.startsWith(data.path))
    say(`  PostgreSQL's account can't enter it: its files are in ${data.postgres}`)

  const samplesFile = join(data.path, 'samples.json')
  const known = await installedSamples(samplesFile)
  const forSamples = { checkout, logs: data.logs, signal }
  const making = known ? undefined : makeSampleImagery({ ...forSamples, env: process.env })
  making?.catch(() => undefined)

  const servers = await step('PostgreSQL with pgSTAC, two Redis, Blob storage, identity', () =>
    startServers({
      settings,
      data,
      checkout,
      cacheFolder: userCacheFolder(process.env),
      systemBundle: process.env.SSL_CERT_FILE,
    }),
  )
  releasers.add('the servers', servers.stop)
  signal.throwIfAborted()

  const env = { ...process.env, ...programEnvironment(servers.addresses) }
  if (making) await step('Sample imagery made', () => making)
  const samples =
    known ?? (await step('Sample imagery uploaded', () => installSampleImagery(samplesFile, { ...forSamples, env })))
  signal.throwIfAborted()

  const programs = await step(`API and ${settings.workers} workers`, () =>
    startPrograms({ checkout, logs: data.logs, env, ...settings, say, signal }),
  )
  releasers.add('API and workers', programs.stop)
  say(banner(programs.url, samples, shown(data.logs), performance.now() / 1000))
  return { lost: Promise.race([servers.lost, programs.lost]) }
}

const stopped = new Promise<undefined>((settle) => stopping.signal.addEventListener('abort', () => settle(undefined)))
let trouble: unknown
try {
  const { lost } = await start()
  trouble = await Promise.race([lost, stopped])
} catch (error) {
  if (!stopping.signal.aborted) trouble = error instanceof Error ? error.message : error
}
if (trouble !== undefined) console.error(`\n${trouble}`)
try {
  await releasers.release()
} catch (error) {
  trouble ??= error
  console.error(error)
}
process.exit(trouble === undefined ? 0 : 1)
