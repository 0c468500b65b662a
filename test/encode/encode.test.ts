import { PNG } from 'pngjs'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { defaultEncodeSettings, encode } from '../../src/encode/encode.ts'
import type { Image } from '../../src/render/image.ts'
import type { ImageFormat } from '../../src/tile/format.ts'

function image(channels: Image['channels'], sampleOf: (pixel: number, channel: number) => number, deep = false): Image {
  const data = deep ? new Uint16Array(64 * 64 * channels) : new Uint8Array(64 * 64 * channels)
  for (let i = 0; i < data.length; i++) data[i] = sampleOf(Math.floor(i / channels), i % channels)
  return { width: 64, height: 64, channels, data }
}

const encoded = (source: Image, format: ImageFormat) => encode(source, format, defaultEncodeSettings)

/** Colour type of a PNG: 0 gray, 2 RGB, 4 gray + alpha, 6 RGBA (PNG 11.2.1). */
const colourType = (png: Buffer) => png[25]
const bitDepth = (png: Buffer) => png[24]

describe('a PNG', () => {
  test.each([
    [1, 0],
    [2, 4],
    [3, 2],
    [4, 6],
  ] as const)('of %d channels has colour type %d and every sample', async (channels, type) => {
    const source = image(channels, (pixel, channel) => (pixel * 3 + channel * 50) % 256)
    const { body, contentType } = await encoded(source, 'png')
    expect(contentType).toBe('image/png')
    expect(colourType(body)).toBe(type)
    expect(bitDepth(body)).toBe(8)
    const { data } = PNG.sync.read(body)
    const at = (channel: number) => (channels < 3 ? (channel < 3 ? 0 : 1) : channel)
    const expected = data.map((_, i) => {
      const channel = at(i % 4)
      return channel < channels ? source.data[(i >> 2) * channels + channel]! : 255
    })
    expect(Buffer.compare(data, expected)).toBe(0)
  })

  test('keeps colour under full transparency', async () => {
    const source = image(4, (_, channel) => (channel === 3 ? 0 : 200))
    expect([...PNG.sync.read((await encoded(source, 'png')).body).data.subarray(0, 4)]).toEqual([200, 200, 200, 0])
  })

  test.each([
    [1, 0],
    [2, 4],
    [3, 2],
    [4, 6],
  ] as const)('of %d 16-bit channels keeps every bit', async (channels, type) => {
    const source = image(channels, (pixel, channel) => pixel * 15 + channel, true)
    const { body } = await encoded(source, 'png')
    expect(bitDepth(body)).toBe(16)
    expect(colourType(body)).toBe(type)
    const { data } = PNG.sync.read(body, { skipRescale: true })
    const samples = new Uint16Array(data.buffer, data.byteOffset, data.length / 2)
    expect([samples[4 * 100], samples[4 * 1000]]).toEqual([1500, 15000])
  })
})

describe('a JPEG', () => {
  test.each(['jpeg', 'jpg'] as const)('asked for as %s says so', async (format) => {
    const { contentType, body } = await encoded(
      image(3, () => 120),
      format,
    )
    expect(contentType).toBe(`image/${format}`)
    expect([...body.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff])
  })

  test('of RGB halves the colour’s resolution and stays near the samples', async () => {
    const { body } = await encoded(
      image(3, (pixel, channel) => 100 + channel * 20 + (pixel % 64)),
      'jpeg',
    )
    const { chromaSubsampling, space } = await sharp(body).metadata()
    expect({ chromaSubsampling, space }).toEqual({ chromaSubsampling: '4:2:0', space: 'srgb' })
    const [red, green, blue] = await sharp(body).raw().toBuffer()
    expect(Math.abs(red! - 100) + Math.abs(green! - 120) + Math.abs(blue! - 140)).toBeLessThan(12)
  })

  test('of one channel is gray', async () => {
    const { body } = await encoded(
      image(1, () => 77),
      'jpeg',
    )
    const { channels, space } = await sharp(body).metadata()
    expect({ channels, space }).toEqual({ channels: 1, space: 'b-w' })
  })
})

describe('a WebP', () => {
  test.each([
    [1, 3],
    [2, 4],
    [3, 3],
    [4, 4],
  ] as const)('of %d channels holds %d', async (channels, held) => {
    const { body, contentType } = await encoded(
      image(channels, (pixel, channel) => (channels % 2 === 0 && channel === channels - 1 ? (pixel % 2) * 255 : 90)),
      'webp',
    )
    expect(contentType).toBe('image/webp')
    expect((await sharp(body).metadata()).channels).toBe(held)
  })
})

describe('an AVIF', () => {
  test.each([1, 2, 3, 4] as const)('of %d channels stays near the samples, and keeps alpha', async (channels) => {
    const hasAlpha = channels % 2 === 0
    const source = image(channels, (pixel, channel) => (hasAlpha && channel === channels - 1 ? 128 : 60 + (pixel % 64)))
    const { body, contentType } = await encoded(source, 'avif')
    expect(contentType).toBe('image/avif')
    const decoded = await sharp(body).ensureAlpha().raw().toBuffer()
    for (const pixel of [0, 1000, 4000]) {
      expect(Math.abs(decoded[pixel * 4]! - (60 + (pixel % 64)))).toBeLessThan(8)
      expect(Math.abs(decoded[pixel * 4 + 3]! - (hasAlpha ? 128 : 255))).toBeLessThan(4)
    }
  })
})

test('a pngraw is a PNG of its own compression', async () => {
  const source = image(3, (pixel, channel) => (Math.sin(pixel / 40 + channel) * 100 + 128) & 255)
  const { body, contentType } = await encoded(source, 'pngraw')
  expect(contentType).toBe('image/png')
  expect(body.equals((await encode(source, 'png', { ...defaultEncodeSettings, pngCompressionLevel: 1 })).body)).toBe(
    true,
  )
})

test('harder settings make smaller files of the same pixels', async () => {
  const source = image(3, (pixel, channel) => (Math.sin(pixel / 40 + channel) * 100 + 128) & 255)
  const [fast, small] = await Promise.all(
    [1, 9].map((pngCompressionLevel) => encode(source, 'png', { ...defaultEncodeSettings, pngCompressionLevel })),
  )
  expect(small!.body.length).toBeLessThan(fast!.body.length)
  expect(await sharp(small!.body).raw().toBuffer()).toEqual(await sharp(fast!.body).raw().toBuffer())
})
