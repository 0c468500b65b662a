import { describe, expect, test } from 'vitest'
import { type MosaicSource, mosaicOf } from '../../src/mosaic/mosaic.ts'
import { createPixelSelection } from '../../src/mosaic/pixel-selection.ts'
import type { Raster } from '../../src/raster/raster.ts'
import { rowOf } from '../support/rasters.ts'

const never = new AbortController().signal

/** Sources that answer when told to, and tell which were started and stopped. */
function controlled(count: number, coversGrid: readonly number[] = []) {
  const started: number[] = []
  const aborted: number[] = []
  const answers = Array.from({ length: count }, () => Promise.withResolvers<Raster | null>())
  const sources = answers.map(
    ({ promise }, index): MosaicSource => ({
      coversGrid: coversGrid.includes(index),
      read: (signal) => {
        started.push(index)
        signal.addEventListener('abort', () => aborted.push(index))
        return promise
      },
    }),
  )
  return { sources, answers, started, aborted }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

const full = () => rowOf([[1, 2]])
const half = () => rowOf([[3, 4]], ['x.'])

describe('a mosaic', () => {
  test('is fed in the search’s order, whoever answers first', async () => {
    const { sources, answers } = controlled(2)
    const mosaic = mosaicOf(sources, createPixelSelection('first'), never)
    answers[1]!.resolve(full())
    await settle()
    answers[0]!.resolve(half())
    expect((await mosaic)!.bands[0]).toEqual(Uint8Array.of(3, 2))
  })

  test('reads a few ahead, and no more', async () => {
    const { sources, answers, started } = controlled(9)
    const mosaic = mosaicOf(sources, createPixelSelection('first'), never)
    await settle()
    expect(started).toEqual([0, 1, 2])
    answers[0]!.resolve(half())
    await settle()
    expect(started).toEqual([0, 1, 2, 3])
    for (const { resolve } of answers) resolve(full())
    await mosaic
  })

  test('reads nothing ahead of an item that may be all it needs', async () => {
    const { sources, answers, started } = controlled(3, [0])
    const mosaic = mosaicOf(sources, createPixelSelection('first'), never)
    await settle()
    expect(started).toEqual([0])
    answers[0]!.resolve(full())
    await mosaic
    expect(started).toEqual([0])
  })

  test('reads ahead of it when all items count', async () => {
    const { sources, answers, started } = controlled(3, [0])
    const mosaic = mosaicOf(sources, createPixelSelection('highest'), never)
    await settle()
    expect(started).toEqual([0, 1, 2])
    for (const { resolve } of answers) resolve(full())
    await mosaic
  })

  test('goes on after such an item that was not enough', async () => {
    const { sources, answers, started } = controlled(3, [0])
    const mosaic = mosaicOf(sources, createPixelSelection('first'), never)
    answers[0]!.resolve(half())
    await settle()
    expect(started).toEqual([0, 1, 2])
    answers[1]!.resolve(full())
    await mosaic
  })

  test('stops what it has started when it is full', async () => {
    const { sources, answers, aborted } = controlled(3)
    const mosaic = mosaicOf(sources, createPixelSelection('first'), never)
    answers[0]!.resolve(full())
    expect((await mosaic)!.bands[0]).toEqual(Uint8Array.of(1, 2))
    expect(aborted).toEqual(expect.arrayContaining([1, 2]))
  })

  test('skips items that have nothing there', async () => {
    const { sources, answers } = controlled(2)
    answers[0]!.resolve(null)
    answers[1]!.resolve(full())
    expect(await mosaicOf(sources, createPixelSelection('first'), never)).not.toBeNull()
  })

  test('is nothing when no item has anything there', async () => {
    const { sources, answers } = controlled(2)
    for (const { resolve } of answers) resolve(null)
    expect(await mosaicOf(sources, createPixelSelection('first'), never)).toBeNull()
    expect(await mosaicOf([], createPixelSelection('first'), never)).toBeNull()
  })

  test('fails with the item that fails: a hole is never the answer', async () => {
    const { sources, answers } = controlled(3)
    answers[0]!.resolve(half())
    answers[1]!.reject(new Error('broken'))
    answers[2]!.resolve(full())
    await expect(mosaicOf(sources, createPixelSelection('first'), never)).rejects.toThrow('broken')
  })

  test('never hears of a failure behind the item that filled it', async () => {
    const { sources, answers } = controlled(3)
    answers[0]!.resolve(full())
    answers[1]!.reject(new Error('broken'))
    expect(await mosaicOf(sources, createPixelSelection('first'), never)).not.toBeNull()
    await settle()
  })

  test('passes on that nobody wants it any more', async () => {
    const { sources, answers, aborted } = controlled(3)
    const controller = new AbortController()
    const mosaic = mosaicOf(sources, createPixelSelection('first'), controller.signal)
    await settle()
    controller.abort()
    expect(aborted).toEqual([0, 1, 2])
    answers[0]!.reject(new Error('stopped'))
    await expect(mosaic).rejects.toThrow('stopped')
  })
})
