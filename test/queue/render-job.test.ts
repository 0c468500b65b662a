import { describe, expect, test } from 'vitest'
import { type TileSeries, tileKey } from '../../src/key/tile-key.ts'
import {
  fromPayload,
  isQueryJob,
  jobKey,
  jobOfTile,
  jobTiles,
  type QueryJob,
  type RenderJob,
  toPayload,
} from '../../src/queue/render-job.ts'
import { QueryParser } from '../../src/request/parse-query-request.ts'
import { TileRequestParser } from '../../src/request/parse-tile-request.ts'
import { searchLimits } from '../support/search-limits.ts'

const query = 'assets=a|bidx=2,1&assets=b&rescale=0,3000&nodata=nan&colormap_name=viridis&resampling=bilinear'
const parser = new TileRequestParser(searchLimits)
const series: TileSeries = {
  layer: { kind: 'search', id: 'a'.repeat(32) },
  generation: 3,
  tileMatrixSetId: 'WebMercatorQuad',
  render: parser.parseRender(query),
  format: 'webp',
}
const job: RenderJob = {
  series,
  z: 3,
  x: 6,
  y: 7,
  columns: 4,
  rows: 2,
  first: null,
  runId: 'r',
  runIndex: 5,
  force: true,
}

describe('a render job', () => {
  test('survives the way through Redis, NaN included, and its tiles keep their keys', () => {
    const back = fromPayload(JSON.parse(JSON.stringify(toPayload(job)))) as RenderJob
    expect(back).toEqual(job)
    expect(back.series.render.nodata).toBeNaN()
    expect(tileKey(back.series, { z: 1, x: 0, y: 1 })).toBe(tileKey(series, { z: 1, x: 0, y: 1 }))
  })

  test('of a query survives it too, and keeps its key', () => {
    const point = new QueryParser(parser).point(series.layer, '71.5,41', query)
    const asked: QueryJob = { query: { layer: series.layer, generation: 3, query: point } }
    const back = fromPayload(JSON.parse(JSON.stringify(toPayload(asked))))
    expect(back).toEqual(asked)
    expect(isQueryJob(back) && !isQueryJob(job)).toBe(true)
    expect(jobKey(back)).toBe(jobKey(asked))
    expect(jobKey(asked)).toMatch(/^v1\/search-a{32}\/3\/point\/[0-9a-f]{32}$/)
  })

  test('of another version or shape is refused', () => {
    for (const payload of [null, {}, { ...toPayload(job), v: 2 }, { ...toPayload(job), columns: 17 }]) {
      expect(() => fromPayload(payload)).toThrow()
    }
  })

  test('has the tiles of its block that exist', () => {
    const tiles = jobTiles(job).map(({ tile }) => `${tile.x}/${tile.y}`)
    expect(tiles).toEqual(['6/7', '7/7'])
  })

  test('has the first columns of coalesced tiles, and all of a set that this process does not know', () => {
    const coalesced = { ...job, series: { ...series, tileMatrixSetId: 'CDB1GlobalGrid' }, z: 0, x: 12, y: 0, rows: 1 }
    expect(jobTiles({ ...coalesced, columns: 3 }).map(({ tile }) => tile.x)).toEqual([12, 24, 36])
    const unknown = { ...job, series: { ...series, tileMatrixSetId: 'Mars' }, columns: 2, rows: 2 }
    expect(jobTiles(unknown)).toHaveLength(4)
  })

  test('of a tile that somebody waits for holds that tile alone, under a key of its own', () => {
    const one = jobOfTile(series, { z: 3, x: 1, y: 2 })
    expect(jobTiles(one).map(({ tile }) => tile)).toEqual([{ z: 3, x: 1, y: 2 }])
    expect(jobKey(one)).not.toBe(jobKey({ ...one, columns: 2 }))
    expect(jobKey(one)).not.toBe(jobKey({ ...one, x: 2 }))
  })

  test('of a block is one job for all its tiles, and begins with the one that was asked for', () => {
    const asked = { z: 3, x: 5, y: 2 }
    const block = jobOfTile(series, asked, 2)
    expect(jobKey(block)).toBe(jobKey(jobOfTile(series, { z: 3, x: 4, y: 3 }, 2)))
    const tiles = (of: RenderJob) => jobTiles(of).map(({ tile }) => `${tile.x}/${tile.y}`)
    expect(tiles(block)).toEqual(['5/2', '4/2', '4/3', '5/3'])
    expect(tiles(fromPayload(JSON.parse(JSON.stringify(toPayload(block)))) as RenderJob)).toEqual(tiles(block))
    expect(tiles(jobOfTile(series, { z: 0, x: 0, y: 0 }, 2))).toEqual(['0/0'])
  })

  test('of a large or a coalesced tile is that tile alone, whatever the block', () => {
    const large = { ...series, render: { ...series.render, tileSize: 1024 } }
    expect(jobOfTile(large, { z: 3, x: 5, y: 2 }, 2)).toMatchObject({ x: 5, y: 2, columns: 1, rows: 1 })
    const coalesced = { ...series, tileMatrixSetId: 'CDB1GlobalGrid' }
    expect(jobOfTile(coalesced, { z: 0, x: 12, y: 0 }, 2)).toMatchObject({ x: 12, columns: 1 })
  })
})
