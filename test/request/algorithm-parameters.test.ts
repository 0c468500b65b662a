import { describe, expect, test } from 'vitest'
import { parseAlgorithm } from '../../src/request/algorithm-parameters.ts'
import { type AlgorithmEntry, algorithmNames, algorithmTable } from '../../src/request/algorithm-table.ts'
import { failure } from '../support/failure.ts'

describe('an algorithm', () => {
  test('gets its defaults', () => {
    expect(parseAlgorithm('hillshade', null)).toEqual({
      name: 'hillshade',
      parameters: { azimuth: 45, angle_altitude: 45, buffer: 3, z_exaggeration: 1 },
    })
    expect(parseAlgorithm('terrainrgb', '{}')).toEqual({
      name: 'terrainrgb',
      parameters: { interval: 0.1, baseval: -10000, nodata_height: null },
    })
  })

  test('takes numbers, and texts that are numbers, and ignores members it does not know', () => {
    const json = JSON.stringify({ azimuth: '90', angle_altitude: '-1.5', buffer: 0, other: [] })
    expect(parseAlgorithm('hillshade', json)?.parameters).toEqual({
      azimuth: 90,
      angle_altitude: -1.5,
      buffer: 0,
      z_exaggeration: 1,
    })
  })

  test('is the same whether a default is written out or not, and in whatever order', () => {
    const written = parseAlgorithm('slope', '{"z_exaggeration": 1.0, "buffer": 3}')
    expect(JSON.stringify(written)).toBe(JSON.stringify(parseAlgorithm('slope', null)))
  })

  test.each(algorithmNames)('%s takes both ends of each range, and nothing beyond', (name) => {
    const { parameters }: AlgorithmEntry = algorithmTable[name]
    for (const [key, { min, max }] of Object.entries(parameters)) {
      for (const value of [min, max])
        expect(parseAlgorithm(name, JSON.stringify({ [key]: value }))?.parameters[key]).toBe(value)
      for (const value of [min - 1e-3, max + 1e-3, 'x', true, []])
        expect(failure(() => parseAlgorithm(name, JSON.stringify({ [key]: value }))).detail).toContain(key)
    }
  })

  test.each([
    ['an unknown name', 'nope', null],
    ['parameters that are no JSON', 'slope', '{'],
    ['parameters that are no object', 'slope', '[]'],
    ['half a pixel where a whole number is asked', 'slope', '{"buffer": 2.5}'],
    ['null where there is no such default', 'slope', '{"buffer": null}'],
    ['bad JSON, though there is no algorithm', null, '{'],
  ])('with %s is refused', (_, name, json) => {
    expect(failure(() => parseAlgorithm(name, json)).code).toBe('PARAMETER_INVALID')
  })
})
