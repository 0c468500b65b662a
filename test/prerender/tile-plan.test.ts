import { describe, expect, test } from 'vitest'
import { blockAt, planTiles, type TilePlan } from '../../src/prerender/tile-plan.ts'
import type { Bounds } from '../../src/tile/bounds.ts'
import { canonicalTile, coalescence, hasTile, matrixOf, tileLonLatBounds } from '../../src/tile/tile-matrix-set.ts'
import { tileMatrixSets } from '../../src/tile/tile-matrix-sets.ts'
import { randomNumbers } from './random-numbers.ts'

const tms = tileMatrixSets.get('WebMercatorQuad')!
const world: Bounds = [-180, -90, 180, 90]

/** `z/x/y` of every tile of every job, in order, duplicates and all. */
function tilesOf(plan: TilePlan): string[] {
  const tiles: string[] = []
  for (let index = 0; index < plan.jobsTotal; index++) {
    const { z, x, y, columns, rows } = blockAt(plan, index)
    for (let dy = 0; dy < rows; dy++) for (let dx = 0; dx < columns; dx++) tiles.push(`${z}/${x + dx}/${y + dy}`)
  }
  return tiles
}

/** The same by looking at every tile of the zoom. `slack` in degrees: how much two must overlap. */
function bruteForce([west, south, east, north]: Bounds, zooms: readonly number[], slack: number): Set<string> {
  const boxes: Bounds[] =
    west <= east
      ? [[west, south, east, north]]
      : [
          [west, south, 180, north],
          [-180, south, east, north],
        ]
  const found = new Set<string>()
  for (const z of zooms) {
    for (let x = 0; x < 2 ** z; x++) {
      for (let y = 0; y < 2 ** z; y++) {
        const tile = tileLonLatBounds(tms, { z, x, y })!
        const overlaps = (box: Bounds) =>
          Math.min(box[2], tile[2]) - Math.max(box[0], tile[0]) > slack &&
          Math.min(box[3], tile[3]) - Math.max(box[1], tile[1]) > slack
        if (boxes.some(overlaps)) found.add(`${z}/${x}/${y}`)
      }
    }
  }
  return found
}

describe('a tile plan', () => {
  test('has every tile of the box exactly once, whatever the box, the zooms and the side of a block', () => {
    const random = randomNumbers(20260901)
    const between = (from: number, to: number) => from + random() * (to - from)
    for (let round = 0; round < 300; round++) {
      const [south, north] = [between(-89, 89), between(-89, 89)].sort((a, b) => a - b) as [number, number]
      // West and east in any order: half of these cross the antimeridian.
      const bbox: Bounds = [between(-180, 180), south, between(-180, 180), north]
      const zooms = Array.from({ length: 1 + Math.floor(random() * 3) }, () => Math.floor(random() * 6))
      const plan = planTiles(tms, bbox, zooms, 1 + Math.floor(random() * 16))
      const tiles = tilesOf(plan)
      expect(new Set(tiles), JSON.stringify({ bbox, zooms })).toEqual(bruteForce(bbox, zooms, 1e-8))
      expect(tiles).toHaveLength(new Set(tiles).size)
      expect(plan.tilesTotal).toBe(tiles.length)
    }
  })

  test('cuts blocks along multiples of the side and clips them to the box', () => {
    const random = randomNumbers(7)
    for (let round = 0; round < 100; round++) {
      const west = -180 + random() * 350
      const bbox: Bounds = [west, -60 + random() * 60, west + random() * (180 - west), 10 + random() * 60]
      const plan = planTiles(tms, bbox, [3, 7], 4)
      let before = { z: -1, x: 0, y: 0 }
      for (let index = 0; index < plan.jobsTotal; index++) {
        const block = blockAt(plan, index)
        expect(Math.floor(block.x / 4)).toBe(Math.floor((block.x + block.columns - 1) / 4))
        expect(Math.floor(block.y / 4)).toBe(Math.floor((block.y + block.rows - 1) / 4))
        expect(hasTile(tms, block)).toBe(true)
        expect(block.z).toBeGreaterThanOrEqual(before.z)
        before = block
      }
    }
  })

  test('takes one tile, and 16 two zooms on, for the bounds of a tile', () => {
    const random = randomNumbers(99)
    for (let round = 0; round < 500; round++) {
      const z = Math.floor(random() * 22)
      const tile = { z, x: Math.floor(random() * 2 ** z), y: Math.floor(random() * 2 ** z) }
      const bbox = tileLonLatBounds(tms, tile)!
      expect(tilesOf(planTiles(tms, bbox, [z], 4))).toEqual([`${z}/${tile.x}/${tile.y}`])
      expect(planTiles(tms, bbox, [z + 2], 4)).toMatchObject({ tilesTotal: 16, jobsTotal: 1 })
    }
  })

  test('takes the tile that holds a point', () => {
    expect(tilesOf(planTiles(tms, [13.4, 52.5, 13.4, 52.5], [10], 4))).toEqual(['10/550/335'])
  })

  test('joins the two sides of the antimeridian where they meet', () => {
    const fiji: Bounds = [177, -20, -178, -15]
    expect(tilesOf(planTiles(tms, fiji, [0], 4))).toEqual(['0/0/0'])
    expect(tilesOf(planTiles(tms, fiji, [1], 4))).toEqual(['1/0/1', '1/1/1'])
    const tiles = tilesOf(planTiles(tms, fiji, [6], 4))
    expect(tiles).toContain('6/63/34')
    expect(tiles).toContain('6/0/34')
    expect(tiles).not.toContain('6/32/34')
  })

  test('is empty for a box beyond the poles of the matrix set', () => {
    expect(planTiles(tms, [-180, 86, 180, 90], [0, 5], 4)).toMatchObject({ tilesTotal: 0, jobsTotal: 0 })
  })

  test('counts all zooms of the world exactly and finds the last job at once', () => {
    const zooms = Array.from({ length: 25 }, (_, z) => z)
    const plan = planTiles(tms, world, zooms, 1)
    // Σ 4^z = (4^25 − 1) / 3
    expect(BigInt(plan.tilesTotal)).toBe((4n ** 25n - 1n) / 3n)
    expect(plan.jobsTotal).toBe(plan.tilesTotal)
    expect(blockAt(plan, plan.jobsTotal - 1)).toEqual({ z: 24, x: 2 ** 24 - 1, y: 2 ** 24 - 1, columns: 1, rows: 1 })
    expect(() => blockAt(plan, plan.jobsTotal)).toThrow(RangeError)
    expect(() => blockAt(plan, -1)).toThrow(RangeError)
  })

  test('has each coalesced tile once, in rows that coalesce alike', () => {
    const cdb = tileMatrixSets.get('CDB1GlobalGrid')!
    const plan = planTiles(cdb, [10.5, 70.5, 25.5, 82.5], [0], 4)
    const tiles: string[] = []
    for (let index = 0; index < plan.jobsTotal; index++) {
      const block = blockAt(plan, index)
      const step = coalescence(matrixOf(cdb, 0), block.y)
      for (let dy = 0; dy < block.rows; dy++) {
        expect(coalescence(matrixOf(cdb, 0), block.y + dy)).toBe(step)
        for (let dx = 0; dx < block.columns; dx++) tiles.push(`${block.x + dx * step}/${block.y + dy}`)
      }
    }
    const expected = new Set<string>()
    for (let y = 7; y <= 19; y++) {
      for (let x = 190; x <= 205; x++) expected.add(`${canonicalTile(cdb, { z: 0, x, y }).x}/${y}`)
    }
    expect(tiles).toHaveLength(expected.size)
    expect(new Set(tiles)).toEqual(expected)
    expect(plan.tilesTotal).toBe(expected.size)
  })

  test('has the tiles of a projected set around a box, over a pole and the antimeridian', () => {
    const arctic = tileMatrixSets.get('UPSArcticWGS84Quad')!
    expect(tilesOf(planTiles(arctic, [-180, 80, 180, 90], [3], 4))).toEqual(['3/3/3', '3/4/3', '3/3/4', '3/4/4'])
    const newZealand = tileMatrixSets.get('NZTM2000Quad')!
    const chatham = tilesOf(planTiles(newZealand, [175, -45, -175, -43], [6], 4))
    for (const [lon, lat] of [
      [176, -44],
      [180, -44],
      [-176, -44],
    ] as const) {
      const [x, y] = newZealand.transform.fromLonLat(lon, lat)
      const { cellSize, originX, originY } = matrixOf(newZealand, 6)
      const size = cellSize * 256
      expect(chatham).toContain(`6/${Math.floor((x - originX) / size)}/${Math.floor((originY - y) / size)}`)
    }
    expect(chatham.length).toBeLessThan(60)
  })
})
