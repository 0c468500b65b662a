import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Raster } from '../../src/raster/raster.ts'
import { type ReadForGrids, readTogether } from '../../src/read/read-together.ts'
import type { Grid, ReadParameters } from '../../src/read/reader.ts'

const parameters: ReadParameters = { nodata: null, resampling: 'nearest', reproject: 'nearest' }
const grid = (width: number): Grid => ({ crs: 'EPSG:3857', bounds: [0, 0, 1, 1], width, height: 1 })
const never = () => new AbortController().signal

/** Counts its calls; a place gives a raster as wide as its grid, or fails for width 13. */
function fakeReads() {
  const calls: { href: string; widths: number[] }[] = []
  const read: ReadForGrids = async (href, _bidx, grids) => {
    calls.push({ href, widths: grids.map(({ width }) => width) })
    await setImmediate()
    if (href === 'broken') throw new Error('broken')
    return grids.map(({ width }) => () => {
      if (width === 13) throw new Error('unlucky')
      return { width } as Raster
    })
  }
  return { calls, read }
}

describe('reads begun in the same turn', () => {
  test('of one file and the same bands are one, and each gets its own', async () => {
    const { calls, read } = fakeReads()
    const reader = readTogether(read, never())
    const rasters = await Promise.all([1, 2, 3].map((n) => reader.read('a', null, grid(n), parameters, never())))
    expect(rasters.map((raster) => raster?.width)).toEqual([1, 2, 3])
    expect(calls).toEqual([{ href: 'a', widths: [1, 2, 3] }])
  })

  test('of other files, bands or parameters are others', async () => {
    const { calls, read } = fakeReads()
    const reader = readTogether(read, never())
    await Promise.all([
      reader.read('a', null, grid(1), parameters, never()),
      reader.read('b', null, grid(2), parameters, never()),
      reader.read('a', [1], grid(3), parameters, never()),
      reader.read('a', null, grid(4), { ...parameters, nodata: 0 }, never()),
    ])
    expect(calls.map(({ widths }) => widths)).toEqual([[1], [2], [3], [4]])
  })

  test('that come later are others', async () => {
    const { calls, read } = fakeReads()
    const reader = readTogether(read, never())
    await reader.read('a', null, grid(1), parameters, never())
    await reader.read('a', null, grid(2), parameters, never())
    expect(calls).toHaveLength(2)
  })

  test('fail together with the file, and alone with their place', async () => {
    const { read } = fakeReads()
    const reader = readTogether(read, never())
    const broken = [1, 2].map((n) => reader.read('broken', null, grid(n), parameters, never()))
    const unlucky = [1, 13, 3].map((n) => reader.read('a', null, grid(n), parameters, never()))
    expect((await Promise.allSettled(broken)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect((await Promise.allSettled(unlucky)).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
  })

  test('leave out who has left', async () => {
    const { calls, read } = fakeReads()
    const reader = readTogether(read, never())
    const leaving = new AbortController()
    const left = reader.read('a', null, grid(1), parameters, leaving.signal)
    const stays = reader.read('a', null, grid(2), parameters, never())
    leaving.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    expect((await stays)?.width).toBe(2)
    expect(calls).toEqual([{ href: 'a', widths: [2] }])
  })
})
