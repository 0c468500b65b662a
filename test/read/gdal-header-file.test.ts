import { existsSync, mkdtempSync, readFileSync, statSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { GdalHeaderFile } from '../../src/read/gdal-header-file.ts'

test('the header file holds the token and the service version, for its owner’s eyes only', () => {
  const file = new GdalHeaderFile()
  try {
    file.write('first')
    file.write('second')
    expect(readFileSync(file.path, 'utf8')).toBe('Authorization: Bearer second\nx-ms-version: 2019-12-12\n')
    expect(statSync(file.path).mode & 0o777).toBe(0o600)
    expect(statSync(dirname(file.path)).mode & 0o777).toBe(0o700)
  } finally {
    file.remove()
  }
  expect(existsSync(file.path)).toBe(false)
})

test('what a killed process left is removed by the next, what a living one has is not', () => {
  // Process ids end far below this one (kernel.pid_max is at most 2^22).
  const dead = mkdtempSync(join(tmpdir(), `tilepress-${hostname()}-4194305-`))
  const living = new GdalHeaderFile()
  living.write('t')
  const next = new GdalHeaderFile()
  try {
    expect(existsSync(dead)).toBe(false)
    expect(existsSync(living.path)).toBe(true)
  } finally {
    living.remove()
    next.remove()
  }
})
