import type { Context } from 'koa'
import { TilepressError } from '../../../src/errors.ts'
import { findTileMatrixSet, parseTile, type TileRequestParser } from '../../../src/request/parse-tile-request.ts'
import { parseBox, parseCrs, parsePosition } from '../../../src/request/place.ts'
import type { MosaicLayer, SearchLimits } from '../../../src/request/tile-request.ts'
import type { ItemSource } from '../../../src/search/stored-items.ts'
import type { Bounds } from '../../../src/tile/bounds.ts'
import { type LonLatTransform, lonLatTransform } from '../../../src/tile/lon-lat.ts'
import { lonLatBounds } from '../../../src/tile/lon-lat-bounds.ts'
import { tileBounds } from '../../../src/tile/tile-matrix-set.ts'
import { mosaicOf } from '../layer.ts'
import { INFO_MAX_AGE, type MosaicAccess } from '../mosaic-access.ts'

export interface AssetListHandlerParts {
  readonly parser: TileRequestParser
  readonly items: ItemSource
}

type Path = Readonly<Record<string, string>>

/** Where to look; null: nowhere on Earth. */
type PlaceOf = (path: Path, ctx: Context) => Bounds | null

/** Handlers of the lists of items, with their assets, that an image would be made of. The catalogue alone is asked. */
export function createAssetListHandlers({ parser, items }: AssetListHandlerParts, mosaics: MosaicAccess) {
  const list = (placeOf: PlaceOf, limitsOf: (limits: SearchLimits) => SearchLimits) => {
    return (kind: MosaicLayer['kind']) =>
      async (ctx: Context, path: Path): Promise<void> => {
        const layer = mosaicOf(kind, path)
        const place = placeOf(path, ctx)
        const limits = limitsOf(parser.parseLimits(ctx.querystring))
        const { hash } = await mosaics.searchOf(layer, ctx.querystring)
        ctx.set('Cache-Control', `public, max-age=${INFO_MAX_AGE}`)
        ctx.body = place === null ? [] : await items.under(hash, place, limits)
      }
  }
  const asGiven = (limits: SearchLimits) => limits
  // Every item has a value at a point (titiler).
  const all = (limits: SearchLimits) => ({ ...limits, exitWhenFull: false, skipCovered: false })
  return {
    /** GET …/tiles/{tms}/{z}/{x}/{y}/assets */
    ofTile: list(({ tms: id = '', z = '', x = '', y = '' }) => {
      const tms = findTileMatrixSet(id)
      return lonLatBounds(tms.transform, tileBounds(tms, parseTile(tms, z, x, y).tile))
    }, asGiven),
    /** GET …/point/{lon},{lat}/assets */
    ofPoint: list(({ position = '' }, ctx) => {
      const [lon, lat] = transformOf(ctx).toLonLat(...parsePosition(position))
      return Number.isFinite(lon) && Number.isFinite(lat) ? [lon, lat, lon, lat] : null
    }, all),
    /** GET …/bbox/{minx},{miny},{maxx},{maxy}/assets */
    ofBox: list(({ box = '' }, ctx) => lonLatBounds(transformOf(ctx), parseBox(box)), asGiven),
  }
}

function transformOf(ctx: Context): LonLatTransform {
  const name = new URLSearchParams(ctx.querystring).get('coord_crs')
  const transform = lonLatTransform(name === null ? 'EPSG:4326' : parseCrs('coord_crs', name))
  if (transform) return transform
  throw new TilepressError('PARAMETER_INVALID', `parameter coord_crs takes a system that is known here, not ${name}`)
}
