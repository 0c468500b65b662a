import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readConfig, settingNames } from '../../src/config.ts'
import { readBicep } from './bicep.ts'

const main = readBicep('main.bicep')
const apps = readBicep('modules/apps.bicep')
const modules = new Map(main.modules.map(({ name, path }) => [name, readBicep(path)]))
const all = [main, ...modules.values()].map(({ text }) => text).join('\n')

/** Built-in roles (learn.microsoft.com/azure/role-based-access-control/built-in-roles). */
const roles: Readonly<Record<string, string>> = {
  '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1': 'Storage Blob Data Reader',
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe': 'Storage Blob Data Contributor',
  '7f951dda-4ed3-4680-a7ca-43fe172d538d': 'AcrPull',
}

describe('the Bicep files agree with each other:', () => {
  test.each(main.modules)(
    '$name ($path) is given what it needs, and nothing that it does not know',
    ({ name, given }) => {
      const { parameters } = modules.get(name)!
      const required = [...parameters].filter(([, needed]) => needed).map(([parameter]) => parameter)
      expect(required.filter((parameter) => !given.includes(parameter))).toEqual([])
      expect(given.filter((parameter) => !parameters.has(parameter))).toEqual([])
    },
  )

  test('what is taken of a module is one of its outputs', () => {
    const taken = [...main.text.matchAll(/\b(\w+)!?\.outputs\.(\w+)/g)]
    expect(taken.length).toBeGreaterThan(10)
    expect(taken.filter(([, name = '', output = '']) => !modules.get(name)?.outputs.includes(output))).toEqual([])
  })

  test('the example sets parameters that there are, and all without a default', () => {
    const example = readFileSync(resolve(import.meta.dirname, '../../deploy/azure/main.example.bicepparam'), 'utf8')
    const given = [...example.matchAll(/^param (\w+) =/gm)].map(([, name = '']) => name)
    expect(given.filter((name) => !main.parameters.has(name))).toEqual([])
    expect([...main.parameters].filter(([name, needed]) => needed && !given.includes(name))).toEqual([])
  })
})

describe('the programs are told', () => {
  const entries = [...apps.text.matchAll(/\{\s*name: '([A-Z_]+)'\s+(?:, )?|\{ name: '([A-Z_]+)', /g)]
  const names = entries.map((found) => found[1] ?? found[2] ?? '')

  test('settings that they read, and what the SDK reads', () => {
    expect(names.length).toBeGreaterThan(12)
    const others = names.filter((name) => !(settingNames as readonly string[]).includes(name))
    expect(others.sort()).toEqual(['AZURE_CLIENT_ID', 'AZURE_TOKEN_CREDENTIALS'])
  })

  test('values of the right shape', () => {
    const literals = [...apps.text.matchAll(/name: '([A-Z_]+)',?\s+value: '([^']*)'/g)]
    expect(literals.map(([, name]) => name)).toContain('DATABASE_URL')
    const environment = literals.map(([, name = '', value = '']) => [
      name,
      value.replaceAll(/\$\{[^}]+\}/g, name[0]!.toLowerCase()),
    ])
    const config = readConfig(Object.fromEntries(environment) as Record<string, string>)
    expect(config).toMatchObject({ USE_AZURE_AUTH: true, DATABASE_USE_AZURE_AUTH: true, REDIS_USE_AZURE_AUTH: true })
    expect(config).toMatchObject({ LOCAL_MODE: false, TRUST_PROXY: true, PORT: 8000 })
    expect([config.QUEUE_REDIS_URL, config.CACHE_REDIS_URL].every((url) => url.startsWith('rediss://'))).toBe(true)
  })
})

describe('what is made', () => {
  test('has no password, no key and no public data', () => {
    expect(all).toContain("accessKeysAuthentication: 'Disabled'")
    expect(all).toMatch(/activeDirectoryAuth: 'Enabled', passwordAuth: 'Disabled'/)
    expect(all).toMatch(/allowSharedKeyAccess: false/)
    expect(all).toMatch(/allowBlobPublicAccess: false/)
    expect(all).not.toMatch(/listKeys\(\)\.(keys|key1|primaryKey)|AccountKey|adminUserEnabled: true/)
  })

  test('gives the least roles: known ones, and writing on the tile container alone', () => {
    const given = [...all.matchAll(/'([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})'/g)].map(([, id = '']) => roles[id])
    expect(new Set(given)).toEqual(new Set(Object.values(roles)))
    const storage = modules.get('storage')!.text
    expect(storage).toMatch(
      /resource writer [\s\S]*?scope: account::blobs::tiles\n[\s\S]*?principalId: writerPrincipalId/,
    )
    expect(modules.get('imagery')!.text).not.toContain('ba92f5b4')
    expect(main.text).toMatch(/writerPrincipalId: identities\.outputs\.worker\.principalId/)
    expect(main.text).toMatch(/readerPrincipalId: identities\.outputs\.api\.principalId/)
  })

  test('has a queue that evicts nothing, and a cache that does', () => {
    const of = (module: string) =>
      new RegExp(`^module ${module} [\\s\\S]*?evictionPolicy: '(\\w+)'`, 'm').exec(main.text)?.[1]
    expect([of('queueRedis'), of('cacheRedis')]).toEqual(['NoEviction', 'AllKeysLFU'])
  })

  test('scales workers by what the API answers, and probes pages that there are', () => {
    const routes = ['main.ts', 'app.ts', 'routes.ts', 'openapi.ts'].map((file) =>
      readFileSync(resolve(import.meta.dirname, '../../apps/api', file), 'utf8'),
    )
    const url = /url: 'https:\/\/\$\{api\.[\w.]+\}([^']+)'/.exec(apps.text)?.[1]
    expect(url).toBe('/scaling/workers')
    expect(routes.some((text) => text.includes(`'${url}'`))).toBe(true)
    expect(apps.text).toMatch(/type: 'metrics-api'[\s\S]*?valueLocation: 'replicas'\s+targetValue: '1'/)
    const probes = [...apps.text.matchAll(/httpGet: \{ path: '([^']+)'/g)].map(([, path]) => path)
    expect(new Set(probes)).toEqual(new Set(['/livez']))
    // Azure allows 1 to 10 failures (Container Apps, health probes).
    for (const [, failures] of apps.text.matchAll(/failureThreshold: (\d+)/g))
      expect(Number(failures)).toBeLessThanOrEqual(10)
  })

  test('deletes old tiles as the policy file says', () => {
    const file = JSON.parse(
      readFileSync(resolve(import.meta.dirname, '../../deploy/azure/tile-lifecycle.json'), 'utf8'),
    ) as { rules: { name: string; definition: { filters: { prefixMatch: string[] } } }[] }
    const [rule] = file.rules
    const storage = modules.get('storage')!.text
    expect(storage).toContain(`name: '${rule?.name}'`)
    expect(storage).toContain(`prefixMatch: ['${rule?.definition.filters.prefixMatch[0]}']`)
  })
})
