import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { encodeJpeg, isJpegSource, type JpegSource } from '../../src/encode/jpeg.ts'

/** Waves with a slope. */
function waves(width: number, height: number, channels: 1 | 3): JpegSource {
  const data = new Uint8Array(width * height * channels)
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / channels)
    const [x, y, channel] = [pixel % width, Math.floor(pixel / width), i % channels]
    data[i] = 128 + 70 * Math.sin((x + 3 * channel) / 19) + 50 * Math.cos(y / 17)
  }
  return { width, height, channels, data }
}

describe.each([1, 3] as const)('a JPEG of %d channels', (channels) => {
  test.each([
    [256, 256],
    [512, 512],
    [255, 257],
    [17, 33],
    [1, 1],
  ])('of %d × %d pixels shows what was put in', async (width, height) => {
    const image = waves(width, height, channels)
    const decoded = sharp(encodeJpeg(image, 85)).toColourspace(channels === 1 ? 'b-w' : 'srgb')
    const { data, info } = await decoded.raw().toBuffer({ resolveWithObject: true })
    expect([info.width, info.height, info.channels]).toEqual([width, height, channels])
    const squares = data.reduce((sum, value, i) => sum + (value - image.data[i]!) ** 2, 0)
    // 38 dB and more; another order of channels or rows gives 15.
    expect(10 * Math.log10(255 ** 2 / (squares / data.length))).toBeGreaterThan(34)
  })
})

test('a JPEG keeps its bytes when others are made after it, and takes no more memory than they need', () => {
  const first = encodeJpeg(waves(64, 64, 3), 85)
  const copy = Buffer.from(first)
  encodeJpeg(waves(512, 512, 3), 85)
  expect(first).toEqual(copy)
  expect(encodeJpeg(waves(64, 64, 3), 85)).toEqual(copy)
  expect(encodeJpeg(waves(256, 256, 3), 85).buffer.byteLength).toBeLessThan(100_000)
})

test('a view of a larger buffer is encoded as itself', () => {
  const image = waves(16, 16, 3)
  const larger = new Uint8Array(image.data.length + 100).fill(7)
  larger.set(image.data, 50)
  const view = larger.subarray(50, 50 + image.data.length)
  expect(encodeJpeg({ ...image, data: view }, 85)).toEqual(encodeJpeg(image, 85))
})

test('what has alpha, 16 bits or more pixels than a tile is for another encoder', () => {
  const image = waves(16, 16, 3)
  expect(isJpegSource(image)).toBe(true)
  expect(isJpegSource({ ...image, channels: 4 })).toBe(false)
  expect(isJpegSource({ ...image, data: new Uint16Array(16 * 16 * 3) })).toBe(false)
  expect(isJpegSource({ ...image, width: 1024, height: 1024 })).toBe(false)
})
