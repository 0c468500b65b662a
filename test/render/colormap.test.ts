import { describe, expect, test } from 'vitest'
import { colormapNames, colormapOf } from '../../src/render/colormap.ts'

describe('the colormaps', () => {
  test('are rio-tiler’s 211, of 256 colours each', () => {
    expect(colormapNames).toHaveLength(211)
    for (const name of colormapNames) expect(colormapOf(name)).toHaveLength(768)
  })

  test.each([
    ['viridis', 0, [68, 1, 84]],
    ['viridis', 255, [253, 231, 36]],
    ['viridis_r', 0, [253, 231, 36]],
    ['gray', 128, [128, 128, 128]],
    ['cfastie', 255, [255, 1, 239]],
  ])('%s has at %d the colour %j', (name, index, colour) => {
    expect([...colormapOf(name)!.subarray(index * 3, index * 3 + 3)]).toEqual(colour)
  })

  test.each(['Viridis', 'nothing', 'constructor', '__proto__'])('have none called %s', (name) => {
    expect(colormapOf(name)).toBeNull()
  })
})
