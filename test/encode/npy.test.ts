import { describe, expect, test } from 'vitest'
import { encodeNpy } from '../../src/encode/npy.ts'
import type { DataType, TypedArray } from '../../src/raster/data-type.ts'
import type { BandImage } from '../../src/render/image.ts'

function image(dataType: DataType, bands: readonly TypedArray[], alpha: TypedArray | null, width: number): BandImage {
  const height = bands[0]!.length / width
  return { width, height, dataType, bands, alpha, bounds: [0, 0, 1, 1], crs: 'EPSG:3857' }
}

const header = (npy: Buffer) => npy.subarray(0, npy.indexOf('\n') + 1).toString('latin1')

describe('an array', () => {
  test('is byte by byte what numpy.save writes, alpha as its last band', () => {
    const npy = encodeNpy(image('uint8', [Uint8Array.of(0, 1, 2, 3)], Uint8Array.of(4, 5, 6, 7), 2))
    const dictionary = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2, 2), }"
    expect(npy.subarray(0, 128).toString('latin1')).toBe(`\x93NUMPY\x01\x00v\x00${dictionary.padEnd(117)}\n`)
    expect([...npy.subarray(128)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  test.each([
    ['float32', 4, 256, 256, '<f4'],
    ['uint16', 1, 512, 512, '<u2'],
    ['int16', 100, 64, 2048, '<i2'],
  ] as const)('of %s begins at a multiple of 64 bytes', (type, count, height, width, code) => {
    const bands = Array.from({ length: count }, () => new Uint8Array(0))
    const npy = encodeNpy({ ...image(type, bands, null, 1), width, height })
    expect(header(npy)).toContain(
      `{'descr': '${code}', 'fortran_order': False, 'shape': (${count}, ${height}, ${width}), }`,
    )
    expect(header(npy).length % 64).toBe(0)
    expect(npy.readUInt16LE(8)).toBe(header(npy).length - 10)
  })

  test('of doubles and floats is little-endian', () => {
    const npy = encodeNpy(image('float32', [Float32Array.of(1.5, -2)], null, 2))
    expect(npy.subarray(128).toString('hex')).toBe('0000c03f000000c0')
  })

  test('of 64-bit integers has 64 bits, though they are held as doubles', () => {
    const npy = encodeNpy(image('int64', [Float64Array.of(-5, 2 ** 63)], null, 2))
    expect(header(npy)).toContain("'<i8'")
    expect([npy.readBigInt64LE(128), npy.readBigInt64LE(136)]).toEqual([-5n, 2n ** 63n - 1n])
    const unsigned = encodeNpy(image('uint64', [Float64Array.of(7, 2 ** 64)], null, 2))
    expect([unsigned.readBigUInt64LE(128), unsigned.readBigUInt64LE(136)]).toEqual([7n, 2n ** 64n - 1n])
  })
})
