import type { StacItem } from './item-lookup.ts'
import { isObject } from './json.ts'

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
