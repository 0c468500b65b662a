import { describe, expect, test } from 'vitest'
import { type Parts, TouchedCells } from '../../src/raster/touched-cells.ts'

/** The cells as text, a row a line. */
function burned(parts: Parts, width: number, height: number): string[] {
  const cells = Array.from({ length: height }, () => Array<string>(width).fill('.'))
  const touched = new TouchedCells(parts, width, height)
  for (let next = touched.nextRow(); next !== null; next = touched.nextRow()) {
    for (let k = 0; k < next.spans.length; k += 2) cells[next.row]!.fill('#', next.spans[k], next.spans[k + 1])
  }
  return cells.map((row) => row.join(''))
}

const box = (left: number, top: number, right: number, bottom: number) =>
  Float64Array.of(left, top, right, top, right, bottom, left, bottom, left, top)

describe('touched cells', () => {
  test('are all that share an area with a polygon, however little', () => {
    expect(burned([[Float64Array.of(0.9, 0.5, 3.2, 2.5, 0.9, 2.5)]], 5, 4)).toEqual([
      '##...',
      '###..',
      '####.',
      '.....',
    ])
  })

  test('of a box along the grid are its own, also where its coordinates are off by rounding', () => {
    for (const dust of [0, 1e-9, -1e-9]) {
      expect(burned([[box(1 + dust, 1 - dust, 3 - dust, 2 + dust)]], 5, 3), String(dust)).toEqual([
        '.....',
        '.##..',
        '.....',
      ])
    }
  })

  test('leave out the inside of a hole, and take what its edge passes', () => {
    expect(burned([[box(0, 0, 6, 5), box(1.5, 1.5, 4.5, 3.5)]], 6, 5)).toEqual([
      ...['######', '######', '##..##', '######', '######'],
    ])
  })

  test('of parts that overlap are those of each', () => {
    expect(burned([[box(0, 0, 3, 1)], [box(2, 0, 5, 1)]], 6, 1)).toEqual(['#####.'])
  })

  test('outside the grid are left out', () => {
    expect(burned([[box(-5, -5, 9, 1)]], 3, 2)).toEqual(['###', '...'])
    expect(burned([[box(5, 5, 9, 9)]], 3, 2)).toEqual(['...', '...'])
  })

  test('of a sliver that no centre lies in are still found', () => {
    expect(burned([[Float64Array.of(0.1, 0.2, 3.9, 0.21, 3.9, 0.3, 0.1, 0.3)]], 5, 1)).toEqual(['####.'])
  })

  // Burned by rasterio 1.4.4 (GDAL 3.10.3), features.rasterize with all_touched=True.
  test('are those that GDAL burns', () => {
    const star = Float64Array.of(7.9, 14.9, 4.1, 12.8, 0.7, 13.4, 2.2, 10.2, 5.1, 7.2, 7.4, 10.0, 7.9, 14.9)
    expect(burned([[star]], 9, 16).slice(6)).toEqual(golden)
    // Its edges meet corners of the grid.
    const whole = Float64Array.of(21, 11, -3, 25, -9, 10, -4, -7, 22, -7, 21, 11)
    expect(burned([[whole]], 25, 19).slice(9)).toEqual(lattice)
  })
})

const lattice = [
  '######################...',
  '######################...',
  '######################...',
  '####################.....',
  '##################.......',
  '################.........',
  '###############..........',
  '#############............',
  '###########..............',
  '##########...............',
]

const golden = [
  '.........',
  '....##...',
  '...####..',
  '..######.',
  '.#######.',
  '.#######.',
  '########.',
  '###.####.',
  '......##.',
  '.........',
]
