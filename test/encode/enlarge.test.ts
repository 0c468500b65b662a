import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { enlarge } from '../../src/encode/enlarge.ts'
import { readPng, writePng } from '../../src/encode/png.ts'
import { transparentImage } from '../../src/encode/transparent-image.ts'

const side = 64

/** Samples that no filter of PNG leaves alone. */
function samples(channels: number): Buffer {
  return Buffer.from(
    Array.from({ length: side * side * channels }, (_, i) => {
      const [x, y, c] = [Math.floor(i / channels) % side, Math.floor(i / channels / side), i % channels]
      return (x * 3 + y * 5 + c * 40 + ((x * y) % 7)) & 255
    }),
  )
}

const raw = (data: Buffer, channels: 1 | 2 | 3 | 4, width = side, height = side) =>
  sharp(data, { raw: { width, height, channels } })

async function pixelsOf(image: Buffer) {
  const { data, info } = await sharp(image).raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height, channels: info.channels }
}

describe('a PNG', () => {
  test.each([
    ['gray', 1],
    ['gray and alpha', 2],
    ['RGB', 3],
    ['RGBA', 4],
  ] as const)('of %s is read as RGBA, and written again, sample by sample', async (_, channels) => {
    const image = raw(samples(channels), channels)
    const png = await (channels < 3 ? image.toColourspace('b-w') : image).png({ adaptiveFiltering: true }).toBuffer()
    const read = readPng(png)!
    const { data } = await sharp(png).toColourspace('srgb').ensureAlpha().raw().toBuffer({ resolveWithObject: true })
    expect(Buffer.from(read.data).equals(data)).toBe(true)
    expect((await pixelsOf(writePng(read, 1))).data.equals(data)).toBe(true)
  })

  test('with a palette is read by its colours', async () => {
    const png = await raw(samples(4), 4).png({ palette: true }).toBuffer()
    const { data } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
    expect(Buffer.from(readPng(png)!.data).equals(data)).toBe(true)
  })

  test('of 16 bits, damaged, too large, or none at all is not read', async () => {
    const png = await raw(samples(3), 3).png().toBuffer()
    const others = [
      await raw(samples(3), 3).toColourspace('rgb16').png().toBuffer(),
      transparentImage(16, 1_025),
      await raw(samples(3), 3).jpeg().toBuffer(),
      Buffer.alloc(0),
      png.subarray(0, 60),
    ]
    for (const each of others) expect(readPng(each)).toBeNull()
    for (let at = 8; at < png.length; at += 97) {
      const damaged = Buffer.from(png)
      damaged[at] = damaged[at]! ^ 0x55
      readPng(damaged)
    }
  })
})

describe('a quarter of a tile', () => {
  const quarter = { left: 0.5, top: 0, width: 0.5, height: 0.5 }

  test('of PNG is each pixel four times', async () => {
    const data = samples(4)
    const body = await enlarge(
      { contentType: 'image/png', body: await raw(data, 4).png().toBuffer() },
      quarter,
      side,
      side,
    )
    const { data: out, width, height } = await pixelsOf(body!)
    expect([width, height]).toEqual([side, side])
    for (const [x, y] of [
      [0, 0],
      [1, 1],
      [2, 1],
      [63, 63],
      [10, 41],
    ] as const) {
      const from = ((y >> 1) * side + 32 + (x >> 1)) * 4
      expect([...out.subarray((y * side + x) * 4, (y * side + x) * 4 + 4)]).toEqual([...data.subarray(from, from + 4)])
    }
  })

  test('of JPEG is smooth, and lies where it should', async () => {
    const ramp = Buffer.from(Array.from({ length: side * side * 3 }, (_, i) => (Math.floor(i / 3) % side) * 4))
    const jpeg = await raw(ramp, 3).jpeg({ quality: 95 }).toBuffer()
    const body = await enlarge({ contentType: 'image/jpeg', body: jpeg }, quarter, side, side)
    const { data: out } = await pixelsOf(body!)
    for (let x = 2; x < side - 2; x++) expect(Math.abs(out[(20 * side + x) * 3]! - (126 + x * 2 + 1))).toBeLessThan(6)
  })

  test('of what cannot be read here is none', async () => {
    const webp = await raw(samples(3), 3).webp().toBuffer()
    for (const contentType of ['image/webp', 'image/png', 'image/jpeg', 'application/x-binary']) {
      expect(await enlarge({ contentType, body: webp }, quarter, side, side), contentType).toBeNull()
    }
  })
})
