import { describe, expect, test } from 'vitest'
import type { SearchLimits } from '../../src/request/tile-request.ts'
import { parseFootprint } from '../../src/search/footprint.ts'
import { ItemIndex } from '../../src/search/item-index.ts'
import type { LocatedItem } from '../../src/search/item-selection.ts'
import type { Bounds } from '../../src/tile/bounds.ts'
import { rectangle, type Shape } from '../support/shapes.ts'

const everything: SearchLimits = {
  scanLimit: 10_000,
  itemsLimit: 100,
  timeLimitSeconds: 5,
  exitWhenFull: false,
  skipCovered: false,
}

function locate(shapes: Readonly<Record<string, Shape>>): LocatedItem[] {
  return Object.entries(shapes).map(([id, shape]) => ({
    item: { id, collection: 'c', bbox: [0, 0, 1, 1], assets: new Map() },
    footprint: parseFootprint(shape),
  }))
}

const box: Bounds = [0, 0, 2, 2]
const left = rectangle(-1, -1, 1, 3)
const right = rectangle(1, -1, 3, 3)

function select(shapes: Readonly<Record<string, Shape>>, limits: Partial<SearchLimits> = {}, place = box) {
  const { items, truncated } = new ItemIndex(locate(shapes)).select(place, { ...everything, ...limits })
  return [items.map(({ id }) => id).join(' '), truncated]
}

const ringOf = ({ coordinates }: Shape) => (coordinates as number[][][])[0]

describe('the items of a box', () => {
  test('come in the order of the search, without those elsewhere or nowhere', () => {
    const shapes = {
      d: left,
      far: rectangle(9, 9, 10, 10),
      a: right,
      nowhere: { type: 'Polygon', coordinates: [] },
      c: rectangle(0.5, 0.5, 1, 1),
      b: rectangle(2, 2, 3, 3),
    }
    expect(select(shapes)).toEqual(['d a c b', null])
    expect(select({})).toEqual(['', null])
    expect(select({ nowhere: { type: 'GeometryCollection', coordinates: [] } })).toEqual(['', null])
  })

  test('end once the box is full, with exitWhenFull', () => {
    const shapes = { left, within: rectangle(0, 0, 0.5, 0.5), right, under: left }
    expect(select(shapes, { exitWhenFull: true })).toEqual(['left within right', null])
    expect(select({ one: rectangle(0, 0, 2, 2), two: left }, { exitWhenFull: true })).toEqual(['one', null])
  })

  test('leave out what lies under others, with skipCovered, and end once the box is full', () => {
    const shapes = {
      left,
      within: rectangle(0, 0, 0.5, 0.5),
      point: { type: 'Point', coordinates: [1.5, 1] },
      right,
      under: left,
    }
    expect(select(shapes, { skipCovered: true })).toEqual(['left right', null])
  })

  test('of a point are all that touch it, whatever the flags', () => {
    const flags = { skipCovered: true, exitWhenFull: true }
    expect(select({ left, right, again: left }, flags, [1, 1, 1, 1])).toEqual(['left right again', null])
  })

  test('tell which limit cut them, and only when one did', () => {
    const shapes = { left, again: left, right }
    expect(select(shapes, { itemsLimit: 2 })).toEqual(['left again', 'items_limit'])
    expect(select(shapes, { itemsLimit: 3 })).toEqual(['left again right', null])
    expect(select(shapes, { scanLimit: 2 })).toEqual(['left again', 'scan_limit'])
    expect(select(shapes, { scanLimit: 3 })).toEqual(['left again right', null])
  })

  test('are not cut by itemsLimit when all the others are covered or the box is full', () => {
    expect(select({ left, under: left, deep: left }, { skipCovered: true, itemsLimit: 1 })).toEqual(['left', null])
    expect(select({ left, under: left, right }, { skipCovered: true, itemsLimit: 1 })).toEqual(['left', 'items_limit'])
    expect(select({ left, right, under: left }, { exitWhenFull: true, itemsLimit: 2 })).toEqual(['left right', null])
  })

  test('are cut by the clock', () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`i${i}`, left]))
    const [ids, truncated] = select(many, { timeLimitSeconds: -1, itemsLimit: 1_000 })
    expect([(ids as string).split(' ').length, truncated]).toEqual([63, 'time_limit'])
  })

  test('weigh more when their outlines have many corners', () => {
    const circle = Array.from({ length: 321 }, (_, i) => [Math.cos((i * Math.PI) / 160), Math.sin((i * Math.PI) / 160)])
    expect(new ItemIndex(locate({ left, right })).weight).toBe(2)
    expect(new ItemIndex(locate({ circle: { type: 'Polygon', coordinates: [circle] } })).weight).toBeGreaterThanOrEqual(
      11,
    )
  })
})

describe('the items of a box over the antimeridian', () => {
  const fiji: Bounds = [179, -20, -179, -18]
  const east = rectangle(170, -30, 180, 0)
  const west = rectangle(-180, -30, -170, 0)
  const both: Shape = { type: 'MultiPolygon', coordinates: [[ringOf(east)], [ringOf(west)]] }

  test('are those of either side, each once and in the order of the search', () => {
    const shapes = { west, far: rectangle(0, -30, 10, 0), both, east, within: rectangle(-179.5, -19, -179.2, -18.5) }
    expect(select(shapes, {}, fiji)).toEqual(['west both east within', null])
  })

  test('fill it only when both sides are full', () => {
    expect(select({ east, again: east, west, under: both }, { exitWhenFull: true }, fiji)).toEqual([
      'east again west',
      null,
    ])
    expect(select({ east, again: east, west, under: both }, { skipCovered: true }, fiji)).toEqual(['east west', null])
    expect(select({ both, under: east }, { exitWhenFull: true }, fiji)).toEqual(['both', null])
  })

  test('are cut by the limits as those of one box', () => {
    expect(select({ east, west, both }, { itemsLimit: 2 }, fiji)).toEqual(['east west', 'items_limit'])
  })
})
