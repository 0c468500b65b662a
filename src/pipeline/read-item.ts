import { TilepressError } from '../errors.ts'
import { applyExpression } from '../expression/apply-expression.ts'
import { concatenateBands } from '../raster/concatenation.ts'
import type { Raster } from '../raster/raster.ts'
import type { AssetSelection, Layer, RenderParameters } from '../request/tile-request.ts'
import { bandNumbers, type Item } from '../search/item.ts'

/** Reads bands of one asset: onto a tile's grid, a part's, or a point's pixel. Null when the file lies outside. */
export type ReadAsset = (href: string, bidx: readonly number[] | null, signal: AbortSignal) => Promise<Raster | null>

/** A file and its 1-based bands in the order they are read, null = all but alpha. */
export interface AssetFile {
  readonly href: string
  readonly bidx: readonly number[] | null
}

/**
 * The item's assets as one raster: each with the expression over its own bands applied, one behind the other, then the expression over all of
 * them. Null when one of them lies outside: the item then gives nothing (rio-tiler's rule).
 * Throws ASSET_NAME_INVALID, BAND_INVALID, EXPRESSION_INVALID and whatever `readAsset` throws.
 */
export async function readItem(
  item: Item,
  render: RenderParameters,
  readAsset: ReadAsset,
  signal: AbortSignal,
): Promise<Raster | null> {
  const reads = render.assets.map((asset) => ({ asset, file: fileOf(item, asset) }))
  const rasters = await Promise.all(
    reads.map(async ({ asset, file }) => {
      const raster = await readBands(file, asset, readAsset, signal)
      return raster && describe(raster, asset.name, render.assetAsBand)
    }),
  )
  const [first, ...others] = rasters.filter((raster) => raster !== null)
  if (first === undefined || others.length + 1 < rasters.length) return null
  const raster = concatenateBands([first, ...others])
  return render.expression === null ? raster : await applyExpression(render.expression, raster, signal)
}

/** One asset by itself, its bands named and described as its file has them. Null and throws as readItem. */
export async function readFile(
  item: Item,
  asset: AssetSelection,
  readAsset: ReadAsset,
  signal: AbortSignal,
): Promise<Raster | null> {
  return await readBands(fileOf(item, asset), asset, readAsset, signal)
}

/** What a layer reads of an item: a file's layer that file, all others the item. */
export async function readOfLayer(
  layer: Layer,
  item: Item,
  render: RenderParameters,
  readAsset: ReadAsset,
  signal: AbortSignal,
): Promise<Raster | null> {
  const [file] = layer.kind === 'asset' ? render.assets : []
  return file ? await readFile(item, file, readAsset, signal) : await readItem(item, render, readAsset, signal)
}

async function readBands(
  { href, bidx }: AssetFile,
  asset: AssetSelection,
  readAsset: ReadAsset,
  signal: AbortSignal,
): Promise<Raster | null> {
  const raster = await readAsset(href, bidx, signal)
  return raster && (await computed(raster, asset, signal))
}

/**
 * Where an asset is and which of its bands are read: for an expression exactly those it names, as the number of bands read decides how GDAL
 * warps them.
 */
export function fileOf(item: Item, { name, bidx, bands, expression }: AssetSelection): AssetFile {
  return {
    href: hrefOf(item, name),
    bidx: expression?.bands ?? (bands === null ? bidx : bandNumbers(item, name, bands)),
  }
}

/** Throws ASSET_NAME_INVALID. */
export function hrefOf(item: Item, name: string): string {
  const href = item.assets.get(name)
  if (href !== undefined) return href
  throw new TilepressError(
    'ASSET_NAME_INVALID',
    `item ${item.id} has no asset ${name}; it has ${[...item.assets.keys()].join(', ')}`,
  )
}

async function computed(raster: Raster, { expression }: AssetSelection, signal: AbortSignal): Promise<Raster> {
  return expression === null ? raster : await applyExpression(expression, raster, signal, expression.bands)
}

/** Bands are described by their asset and what they are in it; with `asset_as_band` by their asset alone. */
function describe(raster: Raster, asset: string, assetAsBand: boolean): Raster {
  if (!assetAsBand)
    return { ...raster, bandDescriptions: raster.bandDescriptions.map((description) => `${asset}_${description}`) }
  if (raster.bands.length === 1) return { ...raster, bandDescriptions: [asset] }
  throw new TilepressError(
    'BAND_INVALID',
    `asset_as_band takes assets of one band, and ${asset} has ${raster.bands.length}; choose one with |bidx=`,
  )
}
