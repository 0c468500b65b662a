import { TilepressError } from '../../errors.ts'
import type { Raster } from '../../raster/raster.ts'
import { applyAlgorithm } from '../../render/algorithms/apply-algorithm.ts'
import { type AreaGeometry, boundsOfArea } from '../../request/area-geometry.ts'
import type { StatisticsQuery } from '../../request/query-request.ts'
import { type AssetSelection, isMosaic, type Layer, type RenderParameters } from '../../request/tile-request.ts'
import { type BandStatistics, bandStatistics, type StatisticsOptions } from '../../statistics/band-statistics.ts'
import { Turns } from '../../turns.ts'
import type { Answer, QueryContext } from '../render-query.ts'
import { coverageOf } from './coverage.ts'
import { cutAlong } from './cutline.ts'
import { documentOf } from './document.ts'
import { inLanes } from './lanes.ts'
import { type LayerPart, readLayerPart } from './part.ts'

/** What the statistics of one feature are; the API puts them into the feature. */
export interface FeatureStatistics {
  readonly statistics: Readonly<Record<string, BandStatistics>>
  /** Of a mosaic: `collection/item`, in the search's order. */
  readonly used_assets?: readonly string[]
}

/**
 * Statistics of all of an item, `{b1: {…}}`, or of features: an array of FeatureStatistics in their order, each pixel weighted by the share
 * the feature covers. `empty` when a mosaic has no item under any of them.
 */
export async function answerStatistics(query: StatisticsQuery, context: QueryContext): Promise<Answer> {
  const { areas, crs, targetCrs, size, render, options } = query
  if (areas === null && query.perAsset) {
    const byAsset = await inLanes(render.assets, async (asset) => [asset.name, await ofAsset(query, asset, context)])
    return { ...documentOf(Object.fromEntries(byAsset)), items: 1, truncated: null }
  }
  if (areas === null) {
    const whole = { bounds: null, crs, targetCrs, size, aligned: false }
    const { raster, items, truncated } = await readLayerPart(whole, render, context)
    if (raster === null) return { outcome: 'empty', items, truncated }
    return {
      ...documentOf(await statisticsOf(computed(raster, render), null, options, context.signal)),
      items,
      truncated,
    }
  }
  const all: FeatureStatistics[] = []
  let [items, found] = [0, false]
  let truncated: Answer['truncated'] = null
  for (const area of areas) {
    const part = await partOf(query, area, render, context)
    items += part.items
    truncated ??= part.truncated
    found ||= part.raster !== null
    all.push(await featureStatistics(query, area, part, context))
  }
  if (!found) return { outcome: 'empty', items, truncated }
  return { ...documentOf(all), items, truncated }
}

/** Of one asset of an item, as its own endpoint gives them. */
async function ofAsset(
  { crs, targetCrs, size, render, options }: StatisticsQuery,
  asset: AssetSelection,
  context: QueryContext,
): Promise<Record<string, BandStatistics>> {
  const { layer } = context
  if (layer.kind !== 'item') throw new RangeError('only an item has assets')
  const file: Layer = { kind: 'asset', collection: layer.collection, item: layer.id, id: asset.name }
  const alone = { ...render, assets: [asset], expression: null }
  const whole = { bounds: null, crs, targetCrs, size, aligned: false }
  const { raster } = await readLayerPart(whole, alone, { ...context, layer: file })
  return raster === null ? {} : await statisticsOf(raster, null, options, context.signal)
}

/** The box around the area, its edges moved outwards to the file's pixels (titiler's align_bounds_with_dataset). */
async function partOf(
  { crs, targetCrs, size }: StatisticsQuery,
  area: AreaGeometry,
  render: RenderParameters,
  context: QueryContext,
): Promise<LayerPart> {
  const part = { bounds: boundsOfArea(area), crs, targetCrs: targetCrs ?? crs, size, aligned: true }
  return await readLayerPart(part, render, context)
}

async function featureStatistics(
  { crs, coverScale, options, render }: StatisticsQuery,
  area: AreaGeometry,
  { raster, used }: LayerPart,
  { layer, signal }: QueryContext,
): Promise<FeatureStatistics> {
  const usedAssets = isMosaic(layer) ? { used_assets: used.map(({ collection, id }) => `${collection}/${id}`) } : {}
  if (raster === null) return { statistics: {}, ...usedAssets }
  const coverage = await coverageOf(raster, area, crs, coverScale, signal)
  const image = computed(cutAlong(raster, area, crs), render)
  if (image.width !== raster.width || image.height !== raster.height)
    throw new TilepressError(
      'PARAMETER_INVALID',
      'the algorithm cuts edges off, so that coverage does not fit its image',
    )
  return { statistics: await statisticsOf(image, coverage, options, signal), ...usedAssets }
}

function computed(raster: Raster, { algorithm }: RenderParameters): Raster {
  return algorithm === null ? raster : applyAlgorithm(raster, algorithm)
}

/** By band. One of sixteen million pixels takes seconds: between two others have their turn. */
async function statisticsOf(
  raster: Raster,
  coverage: Float32Array | null,
  options: StatisticsOptions,
  signal: AbortSignal,
): Promise<Record<string, BandStatistics>> {
  const statistics: [name: string, BandStatistics][] = []
  const turns = new Turns()
  for (const [index, band] of raster.bands.entries()) {
    if (turns.isLong) await turns.next()
    signal.throwIfAborted()
    const [mask, description] = [raster.masks[index] ?? null, raster.bandDescriptions[index] ?? '']
    const name = raster.bandNames[index] ?? `b${index + 1}`
    statistics.push([name, bandStatistics(band, raster.dataType, mask, coverage, description, options)])
  }
  return Object.fromEntries(statistics)
}
