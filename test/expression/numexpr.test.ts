import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { applyExpression } from '../../src/expression/apply-expression.ts'
import { parseExpression } from '../../src/expression/parse-expression.ts'
import type { DataType } from '../../src/raster/data-type.ts'
import { rowOf } from '../support/rasters.ts'

const nan = Number.NaN
const inf = Number.POSITIVE_INFINITY

/** As in make-numexpr-results.py, which says where the results are from. */
const samples = {
  uint8: [
    [0, 1, 2, 100, 200, 255, 7, 3],
    [0, 0, 1, 200, 100, 255, 2, 5],
    [1, 0, 2, 3, 4, 5, 0, 255],
  ],
  int16: [
    [0, -1, 2, 32767, -32768, -7, 7, 3],
    [0, 0, -1, 32767, 2, 2, -2, 5],
    [1, 0, 2, 3, 4, -5, 0, -6],
  ],
  uint16: [
    [0, 1, 50000, 65535, 3000, 255, 7, 3],
    [0, 0, 50000, 65535, 1000, 255, 2, 5],
    [1, 0, 2, 3, 4, 5, 0, 255],
  ],
  int32: [
    [0, -1, 2147483647, -2147483648, 46341, -7, 7, 3],
    [0, 0, 1, 2147483647, 46341, 2, -2, 5],
    [1, 0, 2, 3, 4, -5, 0, -6],
  ],
  uint32: [
    [0, 1, 2000000000, 4294967295, 46341, 255, 7, 3],
    [0, 0, 3, 5, 46341, 255, 2, 5],
    [1, 0, 2, 3, 4, 5, 0, 255],
  ],
  float32: [
    [0, -1.5, 0.1, 1e30, nan, inf, 7.5, -2.5],
    [0, 0, 0.2, 1e30, 1, -inf, -2.25, 0.5],
    [1, 0, 2, 3, 4, -5, 0, -6],
  ],
  float64: [
    [0, -1.5, 0.1, 1e300, nan, inf, 7.5, -2.5],
    [0, 0, 0.2, 1e300, 1, -inf, -2.25, 0.5],
    [1, 0, 2, 3, 4, -5, 0, -6],
  ],
} satisfies Partial<Record<DataType, number[][]>>

const results = readFileSync(new URL('./numexpr-results.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split('\t') as [expression: string, type: keyof typeof samples, found: string, bands: string])

/** C's and JavaScript's functions may round the last bit otherwise; all else is exact. */
const inexact = /\*\*|[a-z]{2}\(/
const lastBit: Partial<Record<DataType, number>> = { float32: 2 ** -22, float64: 2 ** -50 }

test.each(results)('%s of %s gives %s as numexpr computes it: %s', async (json, type, found, expected) => {
  const compute = async () => {
    const expression = parseExpression(JSON.parse(json))
    return await applyExpression(expression, rowOf(samples[type], undefined, type), new AbortController().signal)
  }
  if (found === 'invalid') {
    await expect(compute()).rejects.toMatchObject({ code: 'EXPRESSION_INVALID' })
    return
  }
  const { dataType, bands } = await compute()
  expect(dataType).toBe(found === 'bool' ? 'uint8' : found)
  const numbers = expected.split('; ').map((band) => band.split(' ').map(Number))
  const close = inexact.test(json) ? (lastBit[dataType] ?? 0) : 0
  for (const [block, band] of bands.entries()) {
    for (const [at, value] of band.entries()) {
      const wanted = numbers[block]?.[at] ?? nan
      expect(Math.abs(value - wanted), `sample ${at}: ${value} for ${wanted}`).toBeLessThanOrEqual(
        Math.abs(wanted) * close,
      )
    }
  }
})
