import { defaultEncodeSettings, type EncodeSettings, encode } from '../encode/encode.ts'
import { MeasuredSelection } from '../mosaic/measured-selection.ts'
import { type MosaicSource, mosaicOf } from '../mosaic/mosaic.ts'
import { createPixelSelection } from '../mosaic/pixel-selection.ts'
import { recycle } from '../raster/array-pool.ts'
import type { Raster } from '../raster/raster.ts'
import type { Grid, Reader } from '../read/reader.ts'
import { colour } from '../render/colour.ts'
import type { Coloured } from '../render/coloured.ts'
import { imageOf } from '../render/image.ts'
import { isMosaic, type Layer, type PixelSelectionName, type RenderParameters } from '../request/tile-request.ts'
import type { Item } from '../search/item.ts'
import type { Bounds } from '../tile/bounds.ts'
import type { TileFormat } from '../tile/format.ts'
import { lonLatTransform } from '../tile/lon-lat.ts'
import { lonLatBounds } from '../tile/lon-lat-bounds.ts'
import { itemSource, touches } from './item-sources.ts'
import { type OwnColours, ownColours } from './own-colours.ts'
import { readOfLayer } from './read-item.ts'

/** Milliseconds by stage; `mosaicMs` is the merging between the reads. */
export interface StageTimings {
  readMs: number
  mosaicMs: number
  colourMs: number
  encodeMs: number
}

export interface RenderImageInput {
  readonly layer: Layer
  /** In the search's order. */
  readonly items: readonly Item[]
  readonly grid: Grid
  readonly render: RenderParameters
  readonly format: TileFormat
  readonly reader: Pick<Reader, 'read'>
  /** Looks at files of `reader`. */
  readonly inspect: Reader['inspect']
  readonly signal: AbortSignal
  /** Written to as stages end. */
  readonly timings?: StageTimings
  readonly settings?: EncodeSettings
}

/** `empty`: no item has anything on the grid; an item that is there but masked makes a transparent image. */
export type RenderedImage =
  | { readonly outcome: 'image'; readonly contentType: string; readonly body: Buffer }
  | { readonly outcome: 'empty' }

type Finish = Pick<RenderImageInput, 'render' | 'format' | 'signal' | 'settings'> & { readonly own: OwnColours }

/**
 * Read → mosaic → algorithm → rescale → color formula → colormap → encode. Throws what a Reader throws, ASSET_NAME_INVALID for an
 * item without the asset, RASTER_SHAPE_INVALID for images that don't fit together or that an algorithm can't work with, FORMAT_INVALID
 * for bands the format can't hold.
 */
export async function renderImage(input: RenderImageInput): Promise<RenderedImage> {
  const { layer, items, render, format, signal, timings, settings = defaultEncodeSettings } = input
  const clock = new StageClock(timings)
  const sources = sourcesOf(input)
  const selection = new MeasuredSelection(createPixelSelection(pixelSelectionOf(layer, render), sources.length))
  const raster = await mosaicOf(sources, selection, signal)
  const [item] = items
  if (raster === null || item === undefined) return { outcome: 'empty' }
  const own = await ownColours(layer, item, raster, { ...render, format }, input.inspect, signal)
  clock.lap('readMs')
  clock.move('readMs', 'mosaicMs', selection.milliseconds)
  return await imageOfRaster(raster, { render, format, signal, settings, own }, clock)
}

/** One item needs no selection: it is drawn as it is, whatever the request says. */
function pixelSelectionOf(layer: Layer, render: RenderParameters): PixelSelectionName {
  return isMosaic(layer) ? render.pixelSelection : 'first'
}

/** Colour → encode: what is the same for the image of a tile and of anything else. It takes the raster over. */
export async function imageOfRaster(
  raster: Raster,
  { render, format, signal, settings = defaultEncodeSettings, own }: Finish,
  clock = new StageClock(undefined),
): Promise<RenderedImage & { readonly outcome: 'image' }> {
  const coloured = colour(raster, render, own.palette)
  const { returnMask } = render
  const { image, format: chosen } = imageOf(coloured, format, { returnMask, statistics: own.statistics })
  // A picture is a copy; an image of bands is the raster's own.
  if ('data' in image) recycleColoured(coloured)
  clock.lap('colourMs')
  signal.throwIfAborted()
  const encoded = await encode(image, chosen, settings)
  if ('data' in image) {
    recycle([image.data])
  } else {
    recycle([image.alpha])
    recycleColoured(coloured)
  }
  clock.lap('encodeMs')
  return { outcome: 'image', ...encoded }
}

function recycleColoured({ raster, alpha }: Coloured): void {
  recycle([...raster.bands, ...raster.masks, alpha])
}

/**
 * Items whose box doesn't touch the grid are skipped, as titiler does; the search may have a coarser idea of the place. A file by itself lies
 * where it does, whatever its item says.
 */
function sourcesOf({ layer, items, grid, render, reader }: RenderImageInput): MosaicSource[] {
  const area = layer.kind === 'asset' ? null : placeOf(grid)
  const read = (item: Item, signal: AbortSignal) =>
    readOfLayer(layer, item, render, (href, bidx, rest) => reader.read(href, bidx, grid, render, rest), signal)
  return items.filter((item) => touches(item, area)).map((item) => itemSource(item, area, read))
}

/** The grid in longitude and latitude; null when it has no box there, or its system is not known here. */
function placeOf({ crs, bounds }: Grid): Bounds | null {
  const transform = lonLatTransform(crs)
  return transform && lonLatBounds(transform, bounds)
}

/** Adds the time since the last lap to a stage. */
class StageClock {
  readonly #timings: StageTimings | undefined
  #last = performance.now()

  constructor(timings: StageTimings | undefined) {
    this.#timings = timings
  }

  lap(stage: keyof StageTimings): void {
    const now = performance.now()
    if (this.#timings) this.#timings[stage] += now - this.#last
    this.#last = now
  }

  move(from: keyof StageTimings, to: keyof StageTimings, milliseconds: number): void {
    if (!this.#timings) return
    this.#timings[from] -= milliseconds
    this.#timings[to] += milliseconds
  }
}
