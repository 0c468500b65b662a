import { expect, test } from 'vitest'
import { httpStatus } from '../../apps/api/error-response.ts'
import { errorTable, isErrorCode } from '../../src/errors.ts'
import { namedRows, plain, readDocument } from './document.ts'

const markdown = readDocument('docs/errors.md')
const rows = namedRows(markdown, /^[A-Z_]+$/).filter(([, status]) => /^\d{3}$/.test(status ?? ''))
const codes = Object.keys(errorTable).sort()

test('docs/errors.md explains every code of src/errors.ts once, and no other', () => {
  expect(rows.map(([code]) => plain(code ?? '')).sort()).toEqual(codes)
})

test('the table of statuses has every code, and no other', () => {
  expect(Object.keys(httpStatus).sort()).toEqual(codes)
})

test('docs/errors.md has the status that is answered', () => {
  const documented = Object.fromEntries(rows.map(([code, status]) => [plain(code ?? ''), Number(status)]))
  expect(documented).toEqual(httpStatus)
})

test('docs/errors.md calls those errors passing that the queue tries again', () => {
  const documented = rows.filter((cells) => /\bPassing\b/.test(cells.join(' '))).map(([code]) => plain(code ?? ''))
  const retryable = Object.entries(errorTable).filter(([, { retryable }]) => retryable)
  // These arise beside the queue, where nothing is tried: QUEUE_* and RENDER_TIMEOUT in the API, RENDER_ABANDONED is what is left of the tries.
  const neverTried = ['QUEUE_UNAVAILABLE', 'QUEUE_FULL', 'RENDER_TIMEOUT', 'RENDER_ABANDONED']
  expect(documented.sort()).toEqual(
    retryable
      .map(([code]) => code)
      .filter((code) => !neverTried.includes(code))
      .sort(),
  )
})

test('every code that a document mentions is one of ours', () => {
  const like =
    /`((?:ASSET|QUEUE|RENDER|SEARCH|COLLECTION|TILE|RUN|WRITE|KEY|ROUTE|METHOD|BAND|FORMAT|RASTER|PARAMETER|STORAGE|TOKEN|DATABASE|BODY)_[A-Z_]+)`/g
  for (const file of [
    'docs/errors.md',
    'docs/lifecycle.md',
    'docs/api.md',
    'docs/reliability.md',
    'docs/troubleshooting.md',
  ]) {
    const mentioned = [...readDocument(file).matchAll(like)].map(([, name]) => name ?? '')
    const settings = readDocument('docs/configuration.md')
    const unknown = mentioned.filter((name) => !isErrorCode(name) && !settings.includes(`\`${name}\``))
    expect(unknown, file).toEqual([])
  }
})

test('docs/troubleshooting.md says of every code where to look', () => {
  const cells = readDocument('docs/troubleshooting.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
  const named = cells.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code ?? ''),
  )
  expect(named.filter(isErrorCode).sort()).toEqual(codes)
})
