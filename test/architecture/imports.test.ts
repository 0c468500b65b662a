import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

/** Rooms by rank: a file imports its own room and lower ranks, never a room of its own rank or above. */
const ranks: readonly (readonly string[])[] = [
  ['errors', 'release', 'linked-abort', 'turns', 'config', 'log', 'metrics'],
  ['tile'],
  ['raster'],
  ['expression', 'statistics'],
  ['request'],
  ['key', 'freshness'],
  ['cache', 'queue', 'auth', 'search'],
  ['read'],
  ['mosaic'],
  ['render'],
  ['encode'],
  ['prerender', 'invalidation'],
  ['pipeline'],
  ['diagnosis'],
]

/** Each outside package and the rooms that may know it. */
const owners: Readonly<Record<string, readonly string[]>> = {
  'gdal-async': ['src/read', 'src/encode', 'apps/stack'],
  sharp: ['src/encode', 'apps/stack'],
  '@julusian/jpeg-turbo': ['src/encode'],
  pngjs: ['src/encode', 'apps/stack'],
  bullmq: ['src/queue'],
  ioredis: ['src/queue', 'src/cache', 'src/prerender'],
  '@azure/identity': ['src/auth', 'src/cache/tile-tiers.ts', 'apps/stack'],
  '@azure/storage-blob': ['src/auth', 'src/cache', 'apps/api', 'apps/worker', 'apps/stack'],
  pg: ['src/search', 'apps/stack'],
  koa: ['apps/api'],
  '@koa/router': ['apps/api'],
  pino: ['src/log.ts'],
  proj4: ['src/tile'],
  'prom-client': ['src/metrics.ts'],
  commander: ['apps/cli'],
}

interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  const statements = text.matchAll(/^\s*(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s+)?'([^']+)'/gm)
  const dynamic = text.matchAll(/\bimport\('([^']+)'\)/g)
  return [
    ...[...statements].map(([, type, specifier]) => ({ specifier: specifier ?? '', typeOnly: type !== undefined })),
    ...[...dynamic].map(([, specifier]) => ({ specifier: specifier ?? '', typeOnly: false })),
  ]
}

function target(file: string, specifier: string): string {
  return relative(root, resolve(root, dirname(file), specifier))
}

const sources = globSync('{src,apps}/**/*.ts', { cwd: root }).sort()

function roomOf(file: string): string {
  return (
    file
      .replace(/^src\//, '')
      .replace(/\.ts$/, '')
      .split('/')[0] ?? ''
  )
}

function rankOf(file: string): number {
  return ranks.findIndex((rooms) => rooms.includes(roomOf(file)))
}

/** Files reached at run time from `entry`, and the packages they load. */
function closure(entry: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>()
  const packages = new Set<string>()
  const open = [entry]
  for (let file = open.pop(); file; file = open.pop()) {
    if (files.has(file)) continue
    files.add(file)
    for (const { specifier, typeOnly } of importsOf(file)) {
      if (typeOnly) continue
      if (specifier.startsWith('.')) open.push(target(file, specifier))
      else packages.add(specifier)
    }
  }
  return { files, packages }
}

describe('the import rule', () => {
  test('every file under src belongs to a room with a rank', () => {
    expect(sources.filter((file) => file.startsWith('src/') && rankOf(file) < 0)).toEqual([])
  })

  test('no room imports one to its right', () => {
    const broken = sources
      .filter((file) => file.startsWith('src/'))
      .flatMap((file) =>
        importsOf(file)
          .filter(({ specifier }) => specifier.startsWith('.'))
          .map(({ specifier }) => target(file, specifier))
          .filter((other) => other.startsWith('src/') && roomOf(other) !== roomOf(file))
          .filter((other) => rankOf(other) > rankOf(file) || (rankOf(other) === rankOf(file) && rankOf(file) > 0))
          .map((other) => `${file} imports ${other}`),
      )
    expect(broken).toEqual([])
  })

  test('no file under src imports a program', () => {
    const broken = sources.filter(
      (file) =>
        file.startsWith('src/') && importsOf(file).some(({ specifier }) => target(file, specifier).startsWith('apps/')),
    )
    expect(broken).toEqual([])
  })

  test('each outside package is known to its owners alone', () => {
    const broken = sources.flatMap((file) =>
      importsOf(file)
        .filter(({ specifier }) => owners[specifier] && !owners[specifier].some((owner) => file.startsWith(owner)))
        .map(({ specifier }) => `${file} imports ${specifier}`),
    )
    expect(broken).toEqual([])
  })

  test('the API reaches neither GDAL nor sharp', () => {
    const { packages, files } = closure('apps/api/main.ts')
    expect(files.size).toBeGreaterThan(20)
    expect([...packages].filter((name) => name === 'gdal-async' || name === 'sharp')).toEqual([])
  })

  test('the worker reaches both', () => {
    const { packages } = closure('apps/worker/main.ts')
    expect(packages).toContain('gdal-async')
    expect(packages).toContain('sharp')
  })

  test('the environment is read in the programs’ main files, and by the stack for the programs it starts', () => {
    const code = (file: string) => readFileSync(join(root, file), 'utf8').replace(/^\s*(\*|\/\*|\/\/).*$/gm, '')
    const readers = sources.filter((file) => /process\.env\b/.test(code(file)))
    expect(readers.filter((file) => !/^apps\/(\w+\/main\.ts$|stack\/)/.test(file))).toEqual([])
  })

  test('only the command line and the stack write to the console', () => {
    const writers = sources.filter((file) => /\bconsole\./.test(readFileSync(join(root, file), 'utf8')))
    expect(writers.filter((file) => !/^apps\/(cli|stack)\//.test(file))).toEqual([])
  })

  test('importing the product opens no socket and reads no environment', async () => {
    const files = sources.filter((file) => file.startsWith('src/'))
    const script = `
      const net = await import('node:net')
      const touched = new Set()
      net.Socket.prototype.connect = function () { touched.add('a socket was opened'); return this }
      const ours = ${JSON.stringify(join(root, 'src/'))}
      process.env = new Proxy(process.env, { get(env, name) {
        const from = new Error().stack.split('\\n')[2] ?? ''
        if (from.includes(ours)) touched.add(String(name) + ' was read')
        return env[name]
      } })
      for (const file of ${JSON.stringify(files)}) await import(${JSON.stringify(`${root}/`)} + file)
      console.log(JSON.stringify([...touched]))
      process.exit(0)`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: root })
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual([])
  })
})

describe('the size rule', () => {
  const lines = sources.map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length }))

  test('half of the files have at most 120 lines', () => {
    const sorted = lines.map((each) => each.lines).sort((a, b) => a - b)
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(120)
  })

  test('no file but a data table has more than 350', () => {
    expect(lines.filter((each) => each.lines > 350 && !each.file.includes('names'))).toEqual([])
  })
})
