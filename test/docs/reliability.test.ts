import { globSync, readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { isErrorCode } from '../../src/errors.ts'
import { expectedEnds } from '../faults/expected-ends.ts'
import { readDocument } from './document.ts'

const root = resolve(import.meta.dirname, '../..')
const section =
  readDocument('docs/reliability.md')
    .split('\n## ')
    .find((part) => part.startsWith('Faults under load')) ?? ''
const rows = section
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| Fault '))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .filter(([first]) => !/^-+$/.test(first ?? ''))
  .map(([fault = '', client = '', operator = '', recovery = '', file = '']) => ({
    fault,
    client,
    operator,
    recovery,
    file,
  }))

const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text ?? '')

/** Titles of the tests of faults, with their file's name; `test.for` of one list makes one of each of its words. */
const titles = globSync('test/faults/*.test.ts', { cwd: root }).flatMap((file) => {
  const text = readFileSync(resolve(root, file), 'utf8')
  const single = [...text.matchAll(/^test\('([^']+)'/gm)].map(([, title]) => title ?? '')
  const many = [...text.matchAll(/^test\.for\(\[([^\]]+)\][^(]*\)\('([^']+)'/gm)].flatMap(
    ([, words = '', title = '']) =>
      [...words.matchAll(/'([^']+)'/g)].map(([, word]) => title.replace('%s', word ?? '')),
  )
  return [...single, ...many]
    .filter((title) => !title.startsWith('all this left'))
    .map((title) => ({ title, file: `faults/${basename(file, '.test.ts')}` }))
})

test('every fault that is tested has its row in docs/reliability.md, with its file, and there is no other row', () => {
  const sorted = (pairs: readonly (readonly [string, string])[]) => pairs.map((pair) => pair.join(' – ')).sort()
  expect(sorted(rows.map(({ fault, file }) => [fault.toLowerCase(), quoted(file).join()]))).toEqual(
    sorted(titles.map(({ title, file }) => [title.toLowerCase(), file])),
  )
})

test('a row has those codes that its test lets clients see', () => {
  const documented = rows.map(({ fault, client }) => {
    const codes = quoted(client).filter(isErrorCode)
    return [fault.toLowerCase(), [...codes, ...(/connections? broke/.test(client) ? ['CONNECTION'] : [])].sort()]
  })
  const tested = Object.entries(expectedEnds).map(([title, ends]) => [title.toLowerCase(), ends.toSorted()])
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(tested))
})

test('what an operator is told to look for is there', () => {
  const sources = ['src/**/*.ts', 'apps/**/*.ts'].flatMap((glob) => globSync(glob, { cwd: root }))
  const text = sources.map((file) => readFileSync(resolve(root, file), 'utf8')).join('\n')
  const named = rows.flatMap(({ operator }) => quoted(operator)).map((one) => one.replace(/\{.*/, ''))
  expect(named.filter((one) => !text.includes(one))).toEqual([])
  expect(rows.filter(({ operator, recovery }) => operator === '' || recovery === '')).toEqual([])
})
