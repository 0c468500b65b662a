import { describe, expect, test } from 'vitest'
import { blueMarble } from '../../apps/stack/samples/blue-marble.ts'
import { drawLandscape } from '../../apps/stack/samples/landscape.ts'
import { namangan } from '../../apps/stack/samples/namangan.ts'
import { bboxOf, hrefOf } from '../../apps/stack/samples/sample.ts'
import { footprint, type Scene, takeScene } from '../../apps/stack/samples/scene.ts'

const scene: Scene = {
  id: 'small',
  datetime: '2024-07-01T00:00:00Z',
  centre: [0, 0],
  season: { crops: [0.2, 0.4, 0.6, 0.8], grass: 0.5, haze: 100 },
  cloud: 0.4,
}
// 100 m a pixel: small enough to draw in a test, the same country.
const draw = () => drawLandscape(-9000, 9000, 180, 180, 100)

describe('the sample imagery', () => {
  test('is the same on every run', () => {
    const [one, other] = [takeScene(draw(), scene), takeScene(draw(), scene)]
    expect(one.bands).toEqual(other.bands)
    expect(one.mask).toEqual(other.mask)
  })

  test('is nodata outside the turned square, and never inside it', () => {
    const { size, bands, mask, corner } = takeScene(draw(), scene)
    const corners = footprint(scene)
    const inside = (east: number, north: number) =>
      corners.every(([x, y], index) => {
        const [nextX, nextY] = corners[(index + 1) % 4] as [number, number]
        return (nextX - x) * (north - y) - (nextY - y) * (east - x) > 0
      })
    let clouds = 0
    for (let at = 0; at < size * size; at++) {
      const east = corner[0] + ((at % size) + 0.5) * 100
      const north = corner[1] - (Math.floor(at / size) + 0.5) * 100
      const values = bands.map((band) => band[at])
      if (!inside(east, north)) expect([...values, mask[at]]).toEqual([0, 0, 0, 0, 0])
      else {
        expect(Math.min(...(values as number[]))).toBeGreaterThan(0)
        if (mask[at] === 0) clouds++
      }
    }
    expect(clouds).toBeGreaterThan(100)
  })

  test('names its files in both forms that catalogues have, and only the first account without naming it', () => {
    const files = [...blueMarble.files, ...namangan.files]
    expect(new Set(namangan.files.map(({ account, container }) => `${account}/${container}`)).size).toBe(2)
    expect(new Set(namangan.files.map(({ hrefForm }) => hrefForm)).size).toBe(2)
    for (const file of files.filter(({ hrefForm }) => hrefForm === 'vsiaz')) expect(file.account).toBe('tilepressa')
    expect(hrefOf(files[0] as (typeof files)[0])).toBe('/vsiaz/imagery/blue-marble/blue-marble-N1.tif')
  })

  test('Blue Marble covers the world with sheets that overlap', () => {
    const boxes = blueMarble.files.map(({ ring }) => bboxOf(ring))
    expect(boxes).toHaveLength(8)
    expect(bboxOf(blueMarble.files.flatMap(({ ring }) => ring))).toEqual([-180, -90, 180, 90])
    const area = boxes.reduce((sum, [west, south, east, north]) => sum + (east - west) * (north - south), 0)
    expect(area).toBeGreaterThan(360 * 180)
  })
})
