import { PNG } from 'pngjs'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { encodeColormap } from '../../src/encode/colormap-image.ts'
import { colormapOf } from '../../src/render/colormap.ts'

const viridis = colormapOf('viridis')!
const color = (index: number) => [...viridis.subarray(index * 3, index * 3 + 3), 255]

async function decoded(width: number, height: number, orientation: 'horizontal' | 'vertical') {
  const body = encodeColormap(viridis, { width, height, orientation })
  const { data } = PNG.sync.read(body)
  expect((await sharp(body).raw().toBuffer({ resolveWithObject: true })).info).toMatchObject({ width, height })
  return (x: number, y: number) => [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)]
}

describe('an image of a colormap', () => {
  test('has its 256 colours from left to right, or from the top', async () => {
    const across = await decoded(256, 20, 'horizontal')
    const down = await decoded(20, 256, 'vertical')
    for (const index of [0, 1, 128, 255]) {
      expect(across(index, 19)).toEqual(color(index))
      expect(down(19, index)).toEqual(color(index))
    }
  })

  test('of another size has the nearest ones', async () => {
    const small = await decoded(3, 1, 'horizontal')
    expect([0, 1, 2].map((x) => small(x, 0))).toEqual([color(42), color(128), color(213)])
    const large = await decoded(2, 1000, 'vertical')
    expect(large(0, 999)).toEqual(color(255))
  })
})
