import { describe, expect, test } from 'vitest'
import { applyExpression } from '../../src/expression/apply-expression.ts'
import { parseExpression } from '../../src/expression/parse-expression.ts'
import type { Raster } from '../../src/raster/raster.ts'
import { masksOf, rowOf } from '../support/rasters.ts'

const compute = (text: string, raster: Raster, numbers?: readonly number[]) =>
  applyExpression(parseExpression(text), raster, new AbortController().signal, numbers)

describe('an image computed by an expression', () => {
  test('is masked where any of its bands was, also one the expression does not name', async () => {
    const raster = rowOf(
      [
        [1, 2, 3, 4],
        [1, 1, 1, 1],
        [0, 0, 0, 0],
      ],
      ['x.xx', null, 'xx.x'],
    )
    const computed = await compute('b1+b2;b2', raster)
    expect(masksOf(computed)).toEqual(['x..x', 'x..x'])
    expect(computed.masks[0]).toBe(computed.masks[1])
  })

  test('is valid everywhere when all bands are', async () => {
    expect((await compute('b1', rowOf([[1, 2]]))).masks).toEqual([null])
  })

  test('has bands b1 … described by their blocks, with what the bands show in the place of their names', async () => {
    const raster = { ...rowOf([[1], [2]]), bandDescriptions: ['red', 'nir'] }
    const { bandNames, bandDescriptions } = await compute('(B2-b1)/(b2+b1);sqrt(b1)', raster)
    expect(bandNames).toEqual(['b1', 'b2'])
    expect(bandDescriptions).toEqual(['(nir-red)/(nir+red)', 'sqrt(red)'])
  })

  test('may know the bands by other numbers: those of their file', async () => {
    const { bands } = await compute('b7-b3', rowOf([[1], [5]]), [3, 7])
    expect(Array.from(bands[0]!)).toEqual([4])
  })

  test('is of the type that holds all its blocks', async () => {
    const types = ['b1', 'b1>1', 'b1;b1>1', 'b1;b1/2', 'b1>1;b1/2'].map(async (text) => {
      return (await compute(text, rowOf([[1, 2]], undefined, 'uint16'))).dataType
    })
    expect(await Promise.all(types)).toEqual(['int32', 'uint8', 'int32', 'float64', 'float64'])
  })

  test('larger than a chunk is computed in all its parts', async () => {
    const samples = Array.from({ length: 10_000 }, (_, i) => i)
    const { bands } = await compute('b1*2+b1', rowOf([samples], undefined, 'float64'))
    expect(Array.from(bands[0]!)).toEqual(samples.map((value) => value * 3))
  })

  test('keeps its bands apart when one block is a part of another', async () => {
    const { bands } = await compute('b1+1;(b1+1)*2;b1;b1+1', rowOf([[1, 2]], undefined, 'int16'))
    expect(bands.map((band) => Array.from(band))).toEqual([
      [2, 3],
      [4, 6],
      [1, 2],
      [2, 3],
    ])
  })

  test('is refused for a band that is not there', async () => {
    await expect(compute('b3', rowOf([[1], [2]]))).rejects.toMatchObject({ code: 'EXPRESSION_INVALID' })
  })

  test('is refused for operations that its type does not have', async () => {
    await expect(compute('b1&b2', rowOf([[1], [2]], undefined, 'float32'))).rejects.toMatchObject({
      code: 'EXPRESSION_INVALID',
    })
  })
})
