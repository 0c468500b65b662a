import { describe, expect, test } from 'vitest'
import { projectionBetween } from '../../src/read/projection.ts'
import { roundHalfEven, warpResolution } from '../../src/read/warp-resolution.ts'
import { factsOf, worldPiece } from '../support/dataset-facts.ts'

const fromLonLat = projectionBetween('EPSG:3857', 'EPSG:4326')!

/** rasterio 1.4 (GDAL 3.10): calculate_default_transform, after rio-tiler's clipping. */
describe('the Mercator resolution of a longitude-latitude file', () => {
  test.each([
    ['north of 85° is that of what lies south of it', -96.49999999998329, 89.83333333333331, 5000, 3119.288605900516],
    ['is finer near the equator', -96.49999999998329, 6.4999999999833165, 5000, 2434.035265698356],
    ['follows its own diagonal when it is narrow', 153.5000000000667, 89.83333333333331, 1580, 3931.2022442413877],
  ])('%s', (_, west, north, width, expected) => {
    const resolution = warpResolution(worldPiece(west, north, width, 5000), fromLonLat)
    expect(resolution?.[0]).toBeCloseTo(expected, 8)
    expect(resolution?.[1]).toBeCloseTo(expected, 8)
  })

  test('of the whole world is narrowed in x until its right border lies in the world', () => {
    const world = factsOf({
      width: 36000,
      height: 17012,
      crs: 'EPSG:4326',
      geoTransform: [-180, 0.01, 0, 85.06, 0, -0.01],
    })
    const [x, y] = warpResolution(world, fromLonLat)!
    expect(x).toBeLessThan(y)
    expect(x).toBeCloseTo(1423.773130087145, 6)
  })

  test('is unknown for a file beyond Mercator', () => {
    const polar = factsOf({ width: 100, height: 10, crs: 'EPSG:4326', geoTransform: [0, 0.1, 0, 89, 0, -0.1] })
    expect(warpResolution(polar, fromLonLat)).toBeNull()
  })
})

test('the Mercator resolution of a UTM file is GDAL’s', () => {
  const scene = factsOf({
    width: 2100,
    height: 1900,
    crs: 'EPSG:32642',
    geoTransform: [400000, 10, 0, 4560000, 0, -10],
  })
  expect(warpResolution(scene, projectionBetween('EPSG:3857', 'EPSG:32642')!)?.[0]).toBeCloseTo(13.277478833143208, 8)
})

test('halves are rounded to the even neighbour', () => {
  expect([0.5, 1.5, 2.5, 2.4, 2.6].map(roundHalfEven)).toEqual([0, 2, 2, 2, 3])
})
