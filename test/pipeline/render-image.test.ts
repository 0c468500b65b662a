import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { TilepressError } from '../../src/errors.ts'
import { type RenderImageInput, renderImage, type StageTimings } from '../../src/pipeline/render-image.ts'
import type { Raster } from '../../src/raster/raster.ts'
import type { Reader } from '../../src/read/reader.ts'
import type { RenderParameters } from '../../src/request/tile-request.ts'
import type { Item } from '../../src/search/item.ts'
import type { Bounds } from '../../src/tile/bounds.ts'
import { tileGrid } from '../support/grids.ts'
import { asset, renderParameters } from '../support/render-parameters.ts'

const render = renderParameters()
const grid = tileGrid(4, 8, 7)

function item(id: string, bbox: Bounds = [-180, -85, 180, 85], assets: Record<string, string> = { visual: id }): Item {
  return { id, collection: 'c', bbox, assets: new Map(Object.entries(assets)) }
}

/** Reads `left:N` as the value N in the left half, `N` everywhere, `none` as nothing there, anything else as a failure. */
function fakeReader(log: string[] = []): Pick<Reader, 'read'> {
  return {
    read: async (href, bidx, { width, height, bounds, crs }) => {
      log.push(href)
      if (href === 'none') return null
      const value = Number(href.split(':').at(-1))
      if (Number.isNaN(value)) throw new TilepressError('ASSET_UNREADABLE', 'an asset of the mosaic could not be read')
      const count = bidx?.length ?? 3
      const mask = new Uint8Array(width * height).map((_, i) => (i % width < width / 2 ? 255 : 0))
      const masks = Array(count).fill(href.startsWith('left:') ? mask : null)
      const bands = masks.map(() => new Uint8Array(width * height).fill(value))
      const bandNames = masks.map((_, index) => `b${index + 1}`)
      return {
        width,
        height,
        dataType: 'uint8',
        bands,
        masks,
        bounds,
        crs,
        bandNames,
        bandDescriptions: bandNames,
      } satisfies Raster
    },
  }
}

/** Nothing is known of a mosaic's files. */
const inspect: Reader['inspect'] = async (href) => {
  throw new Error(`${href} was looked at`)
}

function rendered(change: Partial<RenderImageInput>) {
  const { signal } = new AbortController()
  const layer = { kind: 'search', id: 's' } as const
  const reader = fakeReader()
  return renderImage({ layer, items: [], grid, render, format: 'auto', reader, inspect, signal, ...change })
}

async function pixelsOf(change: Partial<RenderImageInput>): Promise<number[][]> {
  const image = await rendered({ format: 'png', ...change })
  if (image.outcome === 'empty') throw new Error('empty')
  const { data, info } = await sharp(image.body).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  return [0, info.width - 1].map((i) => [...data.subarray(i * 4, i * 4 + 4)])
}

describe('an image', () => {
  test('is the first item’s, filled up by the next', async () => {
    expect(await pixelsOf({ items: [item('left:10'), item('20'), item('30')] })).toEqual([
      [10, 10, 10, 255],
      [20, 20, 20, 255],
    ])
  })

  test('is JPEG when full and PNG when not', async () => {
    expect(await rendered({ items: [item('10')] })).toMatchObject({ outcome: 'image', contentType: 'image/jpeg' })
    expect(await rendered({ items: [item('left:10')] })).toMatchObject({ outcome: 'image', contentType: 'image/png' })
  })

  test('is rescaled, then coloured', async () => {
    const parameters: RenderParameters = {
      ...render,
      assets: [asset('visual', [1])],
      rescale: [[0, 20]],
      colormap: { kind: 'named', name: 'gray' },
    }
    expect(await pixelsOf({ items: [item('left:10')], render: parameters })).toEqual([
      [127, 127, 127, 255],
      [0, 0, 0, 0],
    ])
  })

  test('has the bands of the assets in their order', async () => {
    const assets = [asset('b', [1]), asset('a', [1]), asset('c', [1])]
    const items = [item('x', undefined, { a: '1', b: '2', c: '3' })]
    expect((await pixelsOf({ items, render: { ...render, assets } }))[0]).toEqual([2, 1, 3, 255])
  })

  test('tells how long its stages took', async () => {
    const timings: StageTimings = { readMs: 0, mosaicMs: 0, colourMs: 0, encodeMs: 0 }
    await rendered({ items: [item('left:10'), item('20')], timings })
    for (const ms of Object.values(timings)) expect(ms).toBeGreaterThan(0)
  })
})

describe('an item', () => {
  test('whose box does not touch the grid is never opened', async () => {
    const log: string[] = []
    const items = [item('50', [100, -80, 120, 80]), item('60', [0, -80, 22.5, -1]), item('10')]
    await rendered({ items, reader: fakeReader(log) })
    expect(log).toEqual(['10'])
  })

  test('across the antimeridian lies on both sides of it', async () => {
    const log: string[] = []
    const items = [item('10', [170, -80, -170, 80])]
    expect(await rendered({ items, grid: tileGrid(4, 8, 7), reader: fakeReader(log) })).toEqual({ outcome: 'empty' })
    for (const x of [0, 15]) expect((await rendered({ items, grid: tileGrid(4, x, 7) })).outcome).toBe('image')
    expect(log).toEqual([])
  })

  test('with nothing there is skipped, also when only one of its assets has nothing', async () => {
    const assets = [asset('a'), asset('b', [1])]
    const items = [item('x', undefined, { a: '1', b: 'none' })]
    expect(await rendered({ items, render: { ...render, assets } })).toEqual({ outcome: 'empty' })
  })

  test('without the asset fails the image and names it', async () => {
    const items = [item('x', undefined, { other: '1' })]
    await expect(rendered({ items })).rejects.toMatchObject({
      code: 'ASSET_NAME_INVALID',
      detail: 'item x has no asset visual; it has other',
    })
  })

  test('that can’t be read fails the image, unless the image is full before it', async () => {
    await expect(rendered({ items: [item('left:10'), item('broken')] })).rejects.toMatchObject({
      code: 'ASSET_UNREADABLE',
    })
    expect((await rendered({ items: [item('10'), item('broken')] })).outcome).toBe('image')
  })
})

describe('no image', () => {
  test('is empty when there are no items', async () => {
    expect(await rendered({})).toEqual({ outcome: 'empty' })
  })

  test('is encoded for someone who has left', async () => {
    const controller = new AbortController()
    const reader: Pick<Reader, 'read'> = {
      read: async (...args) => {
        controller.abort(new Error('left'))
        return fakeReader().read(...args)
      },
    }
    await expect(rendered({ items: [item('10')], reader, signal: controller.signal })).rejects.toThrow('left')
  })

  test('comes of an unknown colormap', async () => {
    await expect(
      rendered({ items: [item('10')], render: { ...render, colormap: { kind: 'named', name: 'nope' } } }),
    ).rejects.toMatchObject({
      code: 'PARAMETER_INVALID',
    })
  })
})
