import { describe, expect, test } from 'vitest'
import type { Bounds } from '../../src/tile/bounds.ts'
import { hasTile, matrixOf, tileBounds } from '../../src/tile/tile-matrix-set.ts'
import { tileMatrixSets } from '../../src/tile/tile-matrix-sets.ts'
import { areasOf, rowBands, tileMatrixSetLimits, tileRange } from '../../src/tile/tile-range.ts'
import { zoomForResolution } from '../../src/tile/zoom-for-resolution.ts'
import { randomNumbers } from '../prerender/random-numbers.ts'

const setOf = (id: string) => tileMatrixSets.get(id)!

function limits(id: string, box: Bounds, minzoom: number, maxzoom: number) {
  return tileMatrixSetLimits(setOf(id), box, { minzoom, maxzoom }).map(
    ({ tileMatrix, minTileCol, maxTileCol, minTileRow, maxTileRow }) =>
      `${tileMatrix}: ${minTileCol}-${maxTileCol} ${minTileRow}-${maxTileRow}`,
  )
}

describe('the limits of a tile matrix set', () => {
  test('are titiler’s where two corners of a box say all about it', () => {
    // titiler.core.utils.tms_limits of (2, 45, 11, 52).
    const box: Bounds = [2, 45, 11, 52]
    expect(limits('WebMercatorQuad', box, 4, 6)).toEqual(['4: 8-8 5-5', '5: 16-16 10-11', '6: 32-33 21-23'])
    expect(limits('WGS1984Quad', box, 4, 6)).toEqual(['4: 16-16 3-4', '5: 32-33 6-8', '6: 64-67 13-16'])
    expect(limits('GNOSISGlobalGrid', box, 4, 6)).toEqual(['4: 32-33 6-8', '5: 64-67 13-16', '6: 128-135 27-32'])
    expect(limits('CDB1GlobalGrid', box, -10, -9)).toEqual(['-10: 182-191 38-45', '-9: 182-191 38-45'])
    expect(limits('WebMercatorQuad', [170, -10, -170, 10], 3, 3)).toEqual(['3: 0-7 3-4'])
  })

  test('hold all of a box whose image is no rectangle, of which two corners lose some', () => {
    const [row] = tileMatrixSetLimits(setOf('UPSArcticWGS84Quad'), [-60, 50, 60, 60], { minzoom: 4, maxzoom: 4 })
    // titiler.core.utils.tms_limits: columns 6 to 9, rows 8 to 9. At Greenwich the box reaches down to row 10.
    expect(row).toMatchObject({ minTileCol: 6, maxTileCol: 9, minTileRow: 8, maxTileRow: 10 })
    const matrix = matrixOf(setOf('UPSArcticWGS84Quad'), 4)
    const size = matrix.cellSize * matrix.tileSize
    for (let lon = -60; lon <= 60; lon++) {
      for (let lat = 50; lat <= 60; lat++) {
        const [x, y] = setOf('UPSArcticWGS84Quad').transform.fromLonLat(lon, lat)
        const [column, line] = [Math.floor((x - matrix.originX) / size), Math.floor((matrix.originY - y) / size)]
        expect(column).toBeGreaterThanOrEqual(row!.minTileCol)
        expect(column).toBeLessThanOrEqual(row!.maxTileCol)
        expect(line).toBeGreaterThanOrEqual(row!.minTileRow)
        expect(line).toBeLessThanOrEqual(row!.maxTileRow)
      }
    }
  })

  test('leave out what the set does not cover', () => {
    expect(limits('EuropeanETRS89_LAEAQuad', [-100, 30, -90, 40], 0, 5)).toEqual([])
    expect(limits('NZTM2000Quad', [170, -47, 179, -34], 1, 2)).toHaveLength(2)
  })
})

describe('the tiles of a box', () => {
  test('hold every place of the box, in every set', () => {
    const random = randomNumbers(31)
    for (const tms of tileMatrixSets.values()) {
      for (let round = 0; round < 12; round++) {
        const [west, south] = [-180 + 360 * random(), -85 + 160 * random()]
        const [width, height] = [60 * random() ** 3, 10 * random() ** 3]
        const east = west + width > 180 ? west + width - 360 : west + width
        const z = Math.min(tms.maxZoom, tms.minZoom + Math.floor(random() * 12))
        const matrix = matrixOf(tms, z)
        const areas = areasOf(tms, [west, south, east, south + height])
        const ranges = areas.map((area) => tileRange(matrix, area)).filter((range) => range !== null)
        for (let n = 0; n < 60; n++) {
          const lon = west + width * random()
          const [x, y] = tms.transform.fromLonLat(lon > 180 ? lon - 360 : lon, south + height * random())
          const size = matrix.cellSize * matrix.tileSize
          const tile = { z, x: Math.floor((x - matrix.originX) / size), y: Math.floor((matrix.originY - y) / size) }
          if (Number.isNaN(x) || !hasTile(tms, tile)) continue
          const found = ranges.some(
            ({ minX, minY, maxX, maxY }) => tile.x >= minX && tile.x <= maxX && tile.y >= minY && tile.y <= maxY,
          )
          expect(found, `${tms.id} ${JSON.stringify({ tile, areas, lon })}`).toBe(true)
        }
      }
    }
  })

  test('of a box along the far border are the last ones', () => {
    const matrix = matrixOf(setOf('WebMercatorQuad'), 3)
    const [, , right, top] = setOf('WebMercatorQuad').bounds
    expect(tileRange(matrix, [right, top, right, top])).toEqual({ minX: 7, maxX: 7, minY: 0, maxY: 0 })
    expect(tileRange(matrix, [right + 1, top, right + 2, top])).toBeNull()
  })

  test('are cut into bands where rows coalesce differently', () => {
    const matrix = matrixOf(setOf('CDB1GlobalGrid'), 0)
    expect(rowBands(matrix, 8, 21)).toEqual([
      { minY: 8, maxY: 9, coalesce: 6 },
      { minY: 10, maxY: 14, coalesce: 4 },
      { minY: 15, maxY: 19, coalesce: 3 },
      { minY: 20, maxY: 21, coalesce: 2 },
    ])
    expect(rowBands(matrix, 80, 90)).toEqual([{ minY: 80, maxY: 90, coalesce: 1 }])
    expect(tileBounds(setOf('CDB1GlobalGrid'), { z: 0, x: 180, y: 8 })).toEqual([0, 81, 6, 82])
  })
})

describe('the zoom of a resolution', () => {
  // morecantile: tms.zoom_for_res.
  test.each([
    ['WebMercatorQuad', 156543.03392804097, 0],
    ['WebMercatorQuad', 10, 14],
    ['WebMercatorQuad', 300, 9],
    ['WebMercatorQuad', 1e-9, 24],
    ['WGS1984Quad', 0.0001, 13],
    ['CDB1GlobalGrid', 0.5, -9],
    ['CDB1GlobalGrid', 0.7, -9],
    ['UTM31WGS84Quad', 1e9, 1],
    ['UTM31WGS84Quad', 10, 14],
    ['CanadianNAD83_LCC', 30, 13],
  ])('of %s for %d is %d', (id, resolution, zoom) => {
    expect(zoomForResolution(setOf(id), resolution)).toBe(zoom)
  })
})
