import type { Context } from 'koa'
import { TilepressError } from '../../../src/errors.ts'
import { findTileMatrixSet, type TileRequestParser } from '../../../src/request/parse-tile-request.ts'
import { parseCrs } from '../../../src/request/place.ts'
import type { MosaicLayer } from '../../../src/request/tile-request.ts'
import { mosaicBounds } from '../../../src/search/mosaic-info.ts'
import { tileMatrixSetList, tileSet, tileSetList } from '../../../src/search/tile-set-info.ts'
import type { Bounds } from '../../../src/tile/bounds.ts'
import type { Crs } from '../../../src/tile/crs.ts'
import { lonLatTransform } from '../../../src/tile/lon-lat.ts'
import { projectedBounds } from '../../../src/tile/projected-bounds.ts'
import { documentOf } from '../../../src/tile/tile-matrix-set-document.ts'
import { tileMatrixSets } from '../../../src/tile/tile-matrix-sets.ts'
import { mosaicOf } from '../layer.ts'
import { INFO_MAX_AGE, type MosaicAccess } from '../mosaic-access.ts'
import { zoomsOf } from '../zooms.ts'
import { createWmtsHandler } from './wmts.ts'

type Path = Readonly<Record<string, string>>

/** A definition changes with a release or a configuration alone. */
const DEFINITION_MAX_AGE = 3_600

/** Classes of OGC API – Common and – Tiles (19-072, 20-057), of titiler's those that hold here. */
const conformance = [
  ...['core', 'json'].map((name) => `http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/${name}`),
  ...['core', 'tileset', 'tilesets-list', 'jpeg', 'png', 'tiff'].map(
    (name) => `http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/${name}`,
  ),
]

/** Handlers of OGC's tile sets and tile matrix sets. */
export function createTileSetHandlers(parser: TileRequestParser, mosaics: MosaicAccess) {
  return {
    /** GET …/WMTSCapabilities.xml */
    wmts: (kind: MosaicLayer['kind']) =>
      createWmtsHandler(parser, async (ctx, path) => {
        const layer = mosaicOf(kind, path)
        const search = await mosaics.searchOf(layer, ctx.querystring)
        const title = typeof search.metadata.name === 'string' ? search.metadata.name : search.hash
        return { name: search.hash, title, search, url: mosaics.urlOf(ctx, layer), file: null }
      }),

    /** GET …/tiles */
    list: (kind: MosaicLayer['kind']) => async (ctx: Context, path: Path) => {
      const layer = mosaicOf(kind, path)
      const query = new URLSearchParams(ctx.querystring)
      const crs = query.has('crs') ? parseCrs('crs', query.get('crs') ?? '') : 'EPSG:4326'
      query.delete('crs')
      query.delete('f')
      const search = await mosaics.searchOf(layer, ctx.querystring)
      const bounds = boundsIn(crs, mosaicBounds(search, findTileMatrixSet('WebMercatorQuad')))
      ctx.set('Cache-Control', `public, max-age=${INFO_MAX_AGE}`)
      const parts = { base: mosaics.baseOf(ctx), mosaic: mosaics.urlOf(ctx, layer), search, query }
      ctx.body = tileSetList(parts, tileMatrixSets.values(), { bounds, crs })
    },

    /** GET …/tiles/{tms} */
    get: (kind: MosaicLayer['kind']) => async (ctx: Context, path: Path) => {
      const layer = mosaicOf(kind, path)
      const tms = findTileMatrixSet(path.tms ?? '')
      const query = new URLSearchParams(ctx.querystring)
      const zooms = zoomsOf(query, tms)
      for (const name of ['minzoom', 'maxzoom', 'f']) query.delete(name)
      const search = await mosaics.searchOf(layer, ctx.querystring)
      ctx.set('Cache-Control', `public, max-age=${INFO_MAX_AGE}`)
      const parts = { base: mosaics.baseOf(ctx), mosaic: mosaics.urlOf(ctx, layer), search, query }
      ctx.body = tileSet(parts, tms, zooms)
    },

    /** GET /conformance */
    conformance(ctx: Context): void {
      ctx.set('Cache-Control', `public, max-age=${DEFINITION_MAX_AGE}`)
      ctx.body = { conformsTo: conformance }
    },

    /** GET /tileMatrixSets */
    definitions(ctx: Context): void {
      ctx.set('Cache-Control', `public, max-age=${DEFINITION_MAX_AGE}`)
      ctx.body = tileMatrixSetList(mosaics.baseOf(ctx), tileMatrixSets.values())
    },

    /** GET /tileMatrixSets/{tms} */
    definition(ctx: Context, path: Path): void {
      const tms = findTileMatrixSet(path.tms ?? '')
      ctx.set('Cache-Control', `public, max-age=${DEFINITION_MAX_AGE}`)
      ctx.body = documentOf(tms)
    },
  }
}

/** Any place: what is asked for is not cut. */
const ANYWHERE: Bounds = [-Infinity, -Infinity, Infinity, Infinity]

/** Throws PARAMETER_INVALID for a system that is not known here or has no box for the bounds. */
export function boundsIn(crs: Crs, lonLat: Bounds): Bounds {
  const transform = lonLatTransform(crs)
  const bounds = transform && projectedBounds(transform, lonLat, ANYWHERE)
  if (bounds?.every(Number.isFinite)) return bounds
  throw new TilepressError('PARAMETER_INVALID', `parameter crs takes a system that can hold the bounds, not ${crs}`)
}
