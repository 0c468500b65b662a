import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Releasers } from '../../src/release.ts'
import { createWorkspace, say, type Workspace } from '../bench/workspace.ts'
import type { Answer } from './answers/answer.ts'
import { ask } from './answers/ask.ts'
import { ReferenceCache } from './answers/reference-cache.ts'
import { explanationOf, isNotOffered } from './compare/deviations.ts'
import { compareAnswers } from './compare/verdict.ts'
import { tellDetail } from './detail.ts'
import { type Case, caseId } from './matrix/case.ts'
import { allCases } from './matrix/matrix.ts'
import { randomCases } from './matrix/random.ts'
import { type ParityOptions, parseOptions, usage } from './options.ts'
import type { Outcome } from './outcome.ts'
import { reportOf, reportText } from './report.ts'
import { prepareImagery, type Servers, startBoth, worldCases } from './servers.ts'

/** Requests under way at a time. */
const AT_A_TIME = 4

function chosen(cases: readonly Case[], options: ParityOptions): Case[] {
  if (options.case !== undefined) return cases.filter((one) => caseId(one) === options.case)
  const counts = new Map<string, number>()
  return cases.filter((one) => {
    if (options.groups.length > 0 && !options.groups.includes(one.group)) return false
    if (options.only.length > 0 && !options.only.some((text) => caseId(one).includes(text))) return false
    const count = (counts.get(one.group) ?? 0) + 1
    counts.set(one.group, count)
    return count <= options.limit
  })
}

async function compareCase(one: Case, theirs: Answer, ours: Answer): Promise<Outcome> {
  const { difference, pixels } = await compareAnswers(one, theirs, ours)
  const { map: _, ...counts } = pixels ?? { map: null }
  const common = { case: one, pixels: pixels ? (counts as Outcome['pixels']) : null }
  if (difference === null) return { ...common, verdict: 'same', detail: '' }
  const explanation = explanationOf(one, theirs, ours, pixels)
  if (explanation !== null) return { ...common, verdict: 'deviation', detail: explanation }
  if (isNotOffered(theirs, ours)) return { ...common, verdict: 'not offered', detail: difference }
  return { ...common, verdict: 'different', detail: difference }
}

async function compareAll(cases: readonly Case[], servers: Servers, cache: ReferenceCache, out: string) {
  const outcomes = new Map<Case, Outcome>()
  const queue = cases.values()
  const theirs = async (asked: Case) => {
    const one = { ...asked, ...asked.instead }
    const known = await cache.get(one)
    if (known) return known
    const answer = await ask(await servers.theirs(), one)
    await cache.set(one, answer)
    return answer
  }
  const lane = async () => {
    for (const one of queue) {
      try {
        const [reference, tilepress] = await Promise.all([theirs(one), ask(servers.ours, one)])
        if (cases.length === 1) say(await tellDetail(one, reference, tilepress, out))
        outcomes.set(one, await compareCase(one, reference, tilepress))
      } catch (error) {
        outcomes.set(one, { case: one, verdict: 'different', detail: String(error), pixels: null })
      }
      if (outcomes.size % 200 === 0) say(`${outcomes.size} of ${cases.length}`)
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, lane))
  return cases.flatMap((one) => outcomes.get(one) ?? [])
}

async function run(options: ParityOptions, workspace: Workspace): Promise<boolean> {
  const setting = await prepareImagery(workspace, options)
  const world = setting.world ? worldCases(setting.world) : []
  const cases = chosen([...allCases(), ...randomCases(options.random, options.seed), ...world], options)
  if (cases.length === 0) throw new Error('no request has that name: --list names them all')
  const out = options.out ?? (await mkdtemp(join(tmpdir(), 'tilepress-parity-')))
  await mkdir(out, { recursive: true })
  const servers = await startBoth(workspace, setting, options)
  const cache = new ReferenceCache(options.referenceCache ?? join(workspace.folder, 'reference'), setting.hashOf)
  say(`${cases.length} requests of each server`)
  const outcomes = await compareAll(cases, servers, cache, out)
  const report = reportOf(outcomes, options.strict)
  await writeFile(join(out, 'parity.json'), JSON.stringify({ ...report, outcomes }, null, 1))
  process.stdout.write(`${reportText(report)}\n\nEvery outcome: ${join(out, 'parity.json')}\n`)
  if (options.keep) await untilInterrupted(servers)
  return report.passed
}

async function untilInterrupted(servers: Servers): Promise<void> {
  say(`Tilepress ${servers.ours.url}, reference ${(await servers.theirs()).url}; Ctrl-C ends them`)
  await new Promise(() => setInterval(() => {}, 60_000))
}

async function main(options: ParityOptions): Promise<void> {
  if (options.list) {
    for (const one of chosen(allCases(), options)) process.stdout.write(`${caseId(one)}\n`)
    return
  }
  const releasers = new Releasers()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      releasers.release().finally(() => process.exit(130))
    })
  }
  try {
    process.exitCode = (await run(options, await createWorkspace(releasers))) ? 0 : 1
  } finally {
    await releasers.release()
  }
}

const args = process.argv.slice(2)
if (args.includes('--help') || args.includes('-h')) process.stdout.write(usage)
else {
  try {
    await main(parseOptions(args))
  } catch (error) {
    process.stderr.write(`parity failed: ${error instanceof Error ? error.message : error}\n\n${usage}`)
    process.exitCode = 2
  }
}
