import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { encodeJpeg, type JpegSource } from '../../src/encode/jpeg/jpeg-encoder.ts'

type Content = 'photo' | 'noise' | 'flat'

/** Waves with a slope, every value by chance, or one colour. */
function source(width: number, height: number, channels: 1 | 3, content: Content): JpegSource {
  const data = new Uint8Array(width * height * channels)
  let state = 1
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / channels)
    const [x, y, channel] = [pixel % width, Math.floor(pixel / width), i % channels]
    state = (state * 48271) % 2147483647
    if (content === 'noise') data[i] = state
    else if (content === 'flat') data[i] = 40 + channel * 70
    else data[i] = 128 + 70 * Math.sin((x + 30 * channel) / 9) + 50 * Math.cos(y / 7) + (state % 8)
  }
  return { width, height, channels, data }
}

function throughSharp({ width, height, channels, data }: JpegSource, quality: number): Promise<Buffer> {
  const jpeg = sharp(data, { raw: { width, height, channels } }).jpeg({
    quality,
    optimiseCoding: true,
    chromaSubsampling: '4:2:0',
  })
  return (channels === 1 ? jpeg.toColourspace('b-w') : jpeg).toBuffer()
}

const pixels = (jpeg: Buffer) => sharp(jpeg).raw().toBuffer()

/** The header that says JFIF, which libvips leaves out. */
const JFIF_BYTES = 18

describe.each([1, 3] as const)('a JPEG of %d channels', (channels) => {
  test.each([
    [256, 256],
    [512, 512],
    [16, 16],
    [255, 257],
    [250, 131],
    [17, 33],
    [8, 9],
    [1, 1],
  ])('of %d × %d pixels has, bit for bit, the pixels that libjpeg gives it', async (width, height) => {
    for (const content of ['photo', 'noise', 'flat'] as const) {
      for (const quality of [85, 30, 100]) {
        const image = source(width, height, channels, content)
        const [ours, theirs] = await Promise.all([
          pixels(encodeJpeg(image, quality)),
          throughSharp(image, quality).then(pixels),
        ])
        expect(Buffer.compare(ours, theirs), `${content}, quality ${quality}`).toBe(0)
      }
    }
  })

  test('is as small as with libjpeg’s best tables', async () => {
    for (const content of ['photo', 'noise', 'flat'] as const) {
      const image = source(256, 256, channels, content)
      expect(encodeJpeg(image, 85).length).toBe((await throughSharp(image, 85)).length + JFIF_BYTES)
    }
  })
})

test('a JPEG keeps its bytes when others are made after it, also larger ones', () => {
  const image = source(64, 64, 3, 'photo')
  const first = encodeJpeg(image, 85)
  const copy = Buffer.from(first)
  encodeJpeg(source(512, 512, 3, 'noise'), 100)
  expect(first).toEqual(copy)
  expect(encodeJpeg(image, 85)).toEqual(copy)
})

test('images too large for the event loop, and none at all, are refused', () => {
  const data = new Uint8Array(0)
  for (const [width, height] of [
    [513, 512],
    [0, 1],
    [1, 0],
  ] as const) {
    expect(() => encodeJpeg({ width, height, channels: 3, data }, 85)).toThrow(RangeError)
  }
})

test('the encoder is made of the sources beside it (scripts/build-jpeg-encoder.sh)', () => {
  const folder = join(import.meta.dirname, '../../src/encode/jpeg')
  const hash = createHash('sha256')
  for (const name of ['encoder.c', 'colour.h', 'coding.h', 'headers.h', 'transform.h', 'vector.h'])
    hash.update(readFileSync(join(folder, name)))
  expect(readFileSync(join(folder, 'encoder.sources'), 'utf8').trim()).toBe(hash.digest('hex'))
})
