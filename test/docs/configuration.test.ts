import { expect, test } from 'vitest'
import { type Config, readConfig, settingNames } from '../../src/config.ts'
import { namedRows, plain, readDocument } from './document.ts'

const markdown = readDocument('docs/configuration.md')
const [ours = '', libraries = ''] = markdown.split('\n## Read by the libraries\n')
const rows = namedRows(ours, /^[A-Z_]+$/)
const names = [...settingNames].sort()

test('docs/configuration.md has every setting of src/config.ts once, and no other', () => {
  expect(rows.map(([name]) => plain(name ?? '')).sort()).toEqual(names)
})

test('docs/configuration.md has the defaults that are used', () => {
  const defaults = readConfig({})
  for (const [name, given] of rows) {
    const value = defaults[plain(name ?? '') as keyof Config]
    expect(plain(given ?? ''), name).toBe(describe(value))
  }
})

test('docs/configuration.md says of each setting who reads it', () => {
  for (const [name, , , readers] of rows) expect(readers, name).toMatch(/^(API|worker)\b/)
})

test('.env.example has every setting, and nothing that nobody reads', () => {
  const given = [...readDocument('.env.example').matchAll(/^# ?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name ?? '')
  const readElsewhere = [...libraries.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name ?? '')
  const stack = readDocument('apps/stack/settings.ts')
  const others = given.filter((name) => !names.includes(name as keyof Config))
  expect(given.filter((name) => names.includes(name as keyof Config)).sort()).toEqual(names)
  expect(others.filter((name) => !readElsewhere.includes(name) && !stack.includes(name))).toEqual([])
})

test('.env.example has the defaults that are used, where a default makes an example', () => {
  const defaults = readConfig({})
  for (const [, name, value] of readDocument('.env.example').matchAll(/^# ?([A-Z][A-Z0-9_]*)=(.*)$/gm)) {
    const known = defaults[name as keyof Config]
    if (typeof known === 'number' || typeof known === 'boolean') expect(value, name).toBe(String(known))
  }
})

/** A value as the table writes it. */
function describe(value: Config[keyof Config]): string {
  if (value === undefined) return 'none'
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(',')
  if (value instanceof Map) return value.size === 0 ? 'none' : [...value.keys()].join(',')
  return String(value)
}
