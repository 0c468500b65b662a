import { existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { GdalAccessFiles } from '../../src/read/gdal-access-files.ts'

test('the header file holds the token and the service version, for its owner’s eyes only', () => {
  const file = new GdalAccessFiles()
  try {
    file.writeToken('first')
    file.writeToken('second')
    expect(readFileSync(file.headerFile, 'utf8')).toBe('Authorization: Bearer second\nx-ms-version: 2019-12-12\n')
    expect(statSync(file.headerFile).mode & 0o777).toBe(0o600)
    expect(statSync(dirname(file.headerFile)).mode & 0o777).toBe(0o700)
  } finally {
    file.remove()
  }
  expect(existsSync(file.headerFile)).toBe(false)
})

test('a signature is kept as a Planetary Computer answer that is over, so that GDAL reads it anew each time', () => {
  const files = new GdalAccessFiles()
  try {
    const path = fileURLToPath(`${files.signatureUrl}account/container`)
    files.writeSignature('account/container', 'sv=1&sig=first')
    files.writeSignature('account/container', 'sv=1&sig=second')
    const expected = { 'msft:expiry': '1970-01-01T00:00:00Z', token: '_=&sv=1&sig=second' }
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(expected)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    files.removeSignature('account/container')
    expect(existsSync(path)).toBe(false)
    files.removeSignature('account/container')
  } finally {
    files.remove()
  }
})

test('what a killed process left is removed by the next, what a living one has is not', () => {
  // Process ids end far below this one (kernel.pid_max is at most 2^22).
  const dead = mkdtempSync(join(tmpdir(), `tilepress-${hostname()}-4194305-`))
  const living = new GdalAccessFiles()
  living.writeToken('t')
  const next = new GdalAccessFiles()
  try {
    expect(existsSync(dead)).toBe(false)
    expect(existsSync(living.headerFile)).toBe(true)
  } finally {
    living.remove()
    next.remove()
  }
})
