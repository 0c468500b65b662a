import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Bounds } from '../../src/tile/bounds.ts'
import {
  canonicalTile,
  hasTile,
  lastZoom,
  matrixOf,
  tileBounds,
  tileLonLatBounds,
} from '../../src/tile/tile-matrix-set.ts'
import { tileMatrixSets } from '../../src/tile/tile-matrix-sets.ts'
import { randomNumbers } from '../prerender/random-numbers.ts'

const golden = readFileSync(join(import.meta.dirname, 'morecantile-tiles.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [id = '', ...numbers] = line.split(' ')
    const [z = 0, x = 0, y = 0, ...bounds] = numbers.map(Number)
    return { tms: setOf(id), tile: { z, x, y }, bounds }
  })

function setOf(id: string) {
  return tileMatrixSets.get(id)!
}

/** A tile of each set and zoom, at random. */
function* someTiles(seed: number, each: number) {
  const random = randomNumbers(seed)
  for (const tms of tileMatrixSets.values()) {
    for (let n = 0; n < each; n++) {
      const z = tms.minZoom + Math.floor(random() * tms.levels.length)
      const { matrixWidth, matrixHeight } = matrixOf(tms, z)
      yield { tms, tile: { z, x: Math.floor(random() * matrixWidth), y: Math.floor(random() * matrixHeight) } }
    }
  }
}

describe('a tile matrix set', () => {
  test('has the zooms and coordinate reference system of morecantile’s', () => {
    const facts = [...tileMatrixSets.values()].map((tms) => [tms.id, tms.minZoom, tms.maxZoom, lastZoom(tms), tms.crs])
    expect(facts).toEqual([
      ['CDB1GlobalGrid', -10, 21, 21, 'EPSG:4326'],
      ['CanadianNAD83_LCC', 0, 25, 25, 'EPSG:3978'],
      ['EuropeanETRS89_LAEAQuad', 0, 15, 30, 'EPSG:3035'],
      ['GNOSISGlobalGrid', 0, 28, 28, 'EPSG:4326'],
      ['LINZAntarticaMapTilegrid', 0, 13, 30, 'EPSG:5482'],
      ['NZTM2000Quad', 0, 21, 30, 'EPSG:2193'],
      ['UPSAntarcticWGS84Quad', 0, 24, 30, 'EPSG:5042'],
      ['UPSArcticWGS84Quad', 0, 24, 30, 'EPSG:5041'],
      ['UTM31WGS84Quad', 1, 24, 30, 'EPSG:32631'],
      ['WGS1984Quad', 0, 23, 30, 'EPSG:4326'],
      ['WebMercatorQuad', 0, 24, 30, 'EPSG:3857'],
      ['WorldCRS84Quad', 0, 23, 30, 'OGC:CRS84'],
      ['WorldMercatorWGS84Quad', 0, 24, 30, 'EPSG:3395'],
    ])
  })

  test('has tiles where morecantile has them, to the last bit', () => {
    expect(new Set(golden.map(({ tms }) => tms.id)).size).toBe(13)
    for (const { tms, tile, bounds } of golden) {
      expect(tileBounds(tms, tile), `${tms.id} ${tile.z}/${tile.x}/${tile.y}`).toEqual(bounds)
    }
  })

  test('goes on beyond its last matrix where each is twice as fine as the one before', () => {
    // morecantile: tms.matrix(26) of these sets.
    expect(matrixOf(setOf('WebMercatorQuad'), 26)).toMatchObject({
      cellSize: 0.002332672982335701,
      matrixWidth: 67108864,
    })
    expect(matrixOf(setOf('LINZAntarticaMapTilegrid'), 15)).toMatchObject({
      cellSize: 3.4999999999999996,
      matrixWidth: 13212,
    })
    for (const id of ['CDB1GlobalGrid', 'GNOSISGlobalGrid', 'CanadianNAD83_LCC']) {
      const tms = setOf(id)
      expect(hasTile(tms, { z: tms.maxZoom, x: 0, y: 0 })).toBe(true)
      expect(hasTile(tms, { z: tms.maxZoom + 1, x: 0, y: 0 })).toBe(false)
    }
  })

  test('gives the columns of a coalesced tile one address and one place', () => {
    const cdb = setOf('CDB1GlobalGrid')
    const first = tileBounds(cdb, { z: 0, x: 348, y: 0 })
    expect(first).toEqual([168, 89, 180, 90])
    for (let x = 348; x < 360; x++) {
      expect(canonicalTile(cdb, { z: 0, x, y: 0 })).toEqual({ z: 0, x: 348, y: 0 })
      expect(tileBounds(cdb, { z: 0, x, y: 0 })).toEqual(first)
    }
    expect(canonicalTile(cdb, { z: 0, x: 7, y: 90 })).toEqual({ z: 0, x: 7, y: 90 })
  })
})

/** Whether a place is in a box whose west may be greater than its east. 1e-7 degrees is a centimetre. */
function holds([west, south, east, north]: Bounds, lon: number, lat: number): boolean {
  const e = 1e-7
  if (lat < south - e || lat > north + e) return false
  // A pole has no longitude; the polar sets have it some millimetres off their corners.
  if (Math.abs(lat) > 90 - 1e-6) return true
  return west <= east ? lon >= west - e && lon <= east + e : lon >= west - e || lon <= east + e
}

describe('the longitude-latitude box of a tile', () => {
  test('holds every point of the tile, in every set, over poles and the antimeridian', () => {
    for (const { tms, tile } of someTiles(5, 60)) {
      const box = tileLonLatBounds(tms, tile)
      const [left, bottom, right, top] = tileBounds(tms, tile)
      for (let i = 0; i <= 10; i++) {
        for (let j = 0; j <= 10; j++) {
          const [x, y] = [left + ((right - left) * i) / 10, bottom + ((top - bottom) * j) / 10]
          const [lon, lat] = tms.transform.toLonLat(x, y)
          if (Number.isNaN(lon)) continue
          expect(box && holds(box, lon, lat), `${tms.id} ${JSON.stringify({ tile, box, lon, lat })}`).toBe(true)
        }
      }
    }
  })

  test('is hardly larger than it must be', () => {
    const heights: number[] = []
    for (const { tms, tile } of someTiles(6, 30)) {
      const box = tileLonLatBounds(tms, tile)
      if (!box) continue
      const [left, bottom, right, top] = tileBounds(tms, tile)
      const lats = Array.from({ length: 441 }, (_, k) => {
        const [i, j] = [k % 21, Math.floor(k / 21)]
        return tms.transform.toLonLat(left + ((right - left) * i) / 20, bottom + ((top - bottom) * j) / 20)[1]
      }).filter(Number.isFinite)
      heights.push((box[3] - box[1]) / (Math.max(...lats) - Math.min(...lats)))
    }
    heights.sort((a, b) => a - b)
    expect(heights[Math.floor(heights.length * 0.9)]).toBeLessThan(1.02)
  })

  test('of Web Mercator is what its two corners say', () => {
    expect(tileLonLatBounds(setOf('WebMercatorQuad'), { z: 0, x: 0, y: 0 })).toEqual([
      -180, -85.0511287798066, 180, 85.0511287798066,
    ])
    expect(tileLonLatBounds(setOf('WebMercatorQuad'), { z: 2, x: 3, y: 1 })).toEqual([
      89.99999999999999, 0, 180, 66.51326044311186,
    ])
  })

  test('with a pole inside has all longitudes, with one in its corner a quarter of them', () => {
    const arctic = setOf('UPSArcticWGS84Quad')
    expect(tileLonLatBounds(arctic, { z: 0, x: 0, y: 0 })).toEqual([-180, expect.closeTo(-33.1256, 3), 180, 90])
    // West of the pole, which is towards Greenwich in the lower half.
    const quarter = tileLonLatBounds(arctic, { z: 1, x: 0, y: 1 })
    expect(quarter).toEqual([expect.closeTo(-90, -1), expect.closeTo(-33.1256, 3), expect.closeTo(0, -1), 90])
  })

  test('over the antimeridian has a west greater than its east', () => {
    // PROJ: Transformer.from_crs(2193, 4167).transform_bounds of the set's extent.
    const [west, south, east, north] = setOf('NZTM2000Quad').lonLatBounds
    expect(west).toBeCloseTo(87.46569588503361, 6)
    expect(east).toBeCloseTo(-101.16061670779139, 6)
    expect(south).toBeLessThanOrEqual(-86.03136934559711)
    expect(north).toBeGreaterThanOrEqual(3.9632921394117986)
  })
})
