import { describe, expect, test } from 'vitest'
import { ALL_ZOOMS, MOST_BOXES } from '../../src/freshness/layer-state.ts'
import { parseAreaBody } from '../../src/invalidation/area-request.ts'
import { type Bounds, boundsOverlap } from '../../src/tile/bounds.ts'

const polygon = (...coordinates: number[][][]) => ({ type: 'Polygon', coordinates })

describe('the body of an invalidation', () => {
  test('that is empty means the whole layer', () => {
    expect(parseAreaBody({})).toBeNull()
  })

  test('takes a box, zooms, or both', () => {
    expect(parseAreaBody({ bbox: [1, 2, 3, 4] })).toEqual({ ...ALL_ZOOMS, boxes: [[1, 2, 3, 4]] })
    expect(parseAreaBody({ maxzoom: 5 })).toEqual({ ...ALL_ZOOMS, maxZoom: 5, boxes: [[-180, -90, 180, 90]] })
    expect(parseAreaBody({ bbox: [170, 2, -170, 4], minzoom: 3, maxzoom: 3 })).toEqual({
      ...{ minZoom: 3, maxZoom: 3 },
      boxes: [[170, 2, -170, 4]],
    })
  })

  test('takes a rectangle as the box that it is', () => {
    const ring = [
      [0, 0],
      [2, 0],
      [2, 1],
      [0, 1],
      [0, 0],
    ]
    expect(parseAreaBody({ geometry: polygon(ring) })?.boxes).toEqual([[0, 0, 2, 1]])
  })

  test('covers a slanted strip with boxes along it, and not with its whole box', () => {
    const strip = [
      [0, 0],
      [1, 0],
      [60, 59],
      [60, 60],
      [59, 60],
      [0, 1],
      [0, 0],
    ]
    const boxes = parseAreaBody({ geometry: polygon(strip) })!.boxes
    expect(boxes.length).toBeLessThanOrEqual(MOST_BOXES)
    const inside = (x: number, y: number) => boxes.some(([l, b, r, t]) => x >= l && x <= r && y >= b && y <= t)
    for (let i = 0; i <= 590; i++) expect(inside(i / 10 + 0.5, i / 10 + 0.5)).toBe(true)
    const area = boxes.reduce((sum, [l, b, r, t]) => sum + (r - l) * (t - b), 0)
    expect(area).toBeLessThan(3_600 / 5)
    expect(boxes.some((box) => boundsOverlap(box, [40, 0, 60, 20]))).toBe(false)
  })

  test('leaves out the hole of a ring', () => {
    const square = (size: number) => [
      [-size, -size],
      [size, -size],
      [size, size],
      [-size, size],
      [-size, -size],
    ]
    const { boxes } = parseAreaBody({ geometry: polygon(square(40), square(30).reverse()) })!
    expect(boxes.some((box) => boundsOverlap(box, [-9, -9, 9, 9]))).toBe(false)
    const parts: Bounds[] = [
      [-40, -40, -31, 40],
      [-40, 31, 40, 40],
    ]
    for (const part of parts) expect(boxes.some((box) => boundsOverlap(box, part))).toBe(true)
  })

  test.each([
    [null],
    [[]],
    ['all'],
    [{ all: true }],
    [{ bbox: [0, 0, 0, 1] }],
    [{ bbox: [0, 1, 1, 0] }],
    [{ bbox: [0, 0, 181, 1] }],
    [{ bbox: [0, 0, 1] }],
    [{ minzoom: 3, maxzoom: 2 }],
    [{ minzoom: 1.5 }],
    [{ maxzoom: 1_000 }],
    [
      {
        bbox: [0, 0, 1, 1],
        geometry: polygon([
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 0],
        ]),
      },
    ],
    [{ geometry: { type: 'Point', coordinates: [0, 0] } }],
    [
      {
        geometry: polygon([
          [0, 0],
          [1, 0],
          [1, 1],
        ]),
      },
    ],
    [
      {
        geometry: polygon([
          [190, 0],
          [191, 0],
          [191, 1],
          [190, 0],
        ]),
      },
    ],
    [
      {
        geometry: polygon([
          [0, 0],
          [1, 0],
          [Number.NaN, 1],
          [0, 0],
        ]),
      },
    ],
  ])('%j is refused', (body) => {
    expect(() => parseAreaBody(body)).toThrow(/PARAMETER_INVALID/)
  })

  test('with a geometry of too many positions is refused', () => {
    const ring = Array.from({ length: 5_000 }, (_, i) => [Math.cos(i / 800) * 50.123456, Math.sin(i / 800) * 50.123456])
    expect(() => parseAreaBody({ geometry: polygon([...ring, ring[0]!]) })).toThrow(/BODY_TOO_LARGE/)
  })
})
