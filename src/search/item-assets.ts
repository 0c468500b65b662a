import type { Bounds } from '../tile/bounds.ts'
import type { StacItem } from './item-lookup.ts'
import { isObject, toBounds } from './json.ts'
import type { MosaicDescription } from './registered-search.ts'

/** Media types of assets that can be drawn (rio_tiler.io.stac.DEFAULT_VALID_TYPE). */
const RASTER_TYPES: ReadonlySet<unknown> = new Set([
  'image/tiff; application=geotiff',
  'image/tiff; application=geotiff; profile=cloud-optimized',
  'image/tiff; profile=cloud-optimized; application=geotiff',
  'image/vnd.stac.geotiff; cloud-optimized=true',
  'image/tiff',
  'image/x.geotiff',
  'image/jp2',
  'application/x-hdf5',
  'application/x-hdf',
])

/** Names of an item's assets that may be rasters, in its order: those of such a media type or of none. */
export function rasterAssets({ assets }: StacItem): string[] {
  if (!isObject(assets)) return []
  return Object.entries(assets).flatMap(([name, asset]) =>
    isObject(asset) && (asset.type == null || asset.type === '' || RASTER_TYPES.has(asset.type)) ? [name] : [],
  )
}

/** The item's renders by name (https://github.com/stac-extensions/render), as it has them. */
export function itemRenders({ properties }: StacItem): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const renders = isObject(properties) ? properties.renders : null
  if (!isObject(renders)) return {}
  return Object.fromEntries(
    Object.entries(renders).flatMap(([name, render]) => (isObject(render) ? [[name, render]] : [])),
  )
}

/** What is told of an item as it is of a mosaic. A file's own box is in its place's `bounds`. */
export function describeItem(
  item: StacItem,
  file?: { readonly minzoom: number; readonly maxzoom: number; readonly bounds: Bounds; readonly isFile: boolean },
): MosaicDescription {
  const bbox = file?.isFile ? file.bounds : (toBounds(item.bbox) ?? file?.bounds)
  const zooms = file && { minzoom: file.minzoom, maxzoom: file.maxzoom }
  return {
    search: { ...(bbox && { bbox: [...bbox] }) },
    metadata: { name: item.id, ...zooms, defaults: itemRenders(item) },
  }
}
