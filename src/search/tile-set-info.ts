import type { Bounds } from '../tile/bounds.ts'
import { type Crs, crsUri } from '../tile/crs.ts'
import type { TileMatrixSet } from '../tile/tile-matrix-set.ts'
import { tileMatrixSetLimits } from '../tile/tile-range.ts'
import { mosaicBounds, mosaicZooms } from './mosaic-info.ts'
import type { MosaicDescription } from './registered-search.ts'

/** The tile sets of a mosaic as OGC API – Tiles (20-057) has them, in titiler's shapes. */

const TILING_SCHEME = 'http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme'

export interface TileSetParts {
  /** Address of the API, without a slash at its end. */
  readonly base: string
  /** Address of the mosaic: `<base>/searches/<id>` or `<base>/collections/<id>`. */
  readonly mosaic: string
  readonly search: MosaicDescription
  /** Goes on to the tiles. */
  readonly query: URLSearchParams
}

/** GET …/tiles: one tile set a tile matrix set. `boundingBox` is in `crs`. */
export function tileSetList(
  parts: TileSetParts,
  sets: Iterable<TileMatrixSet>,
  boundingBox: { readonly bounds: Bounds; readonly crs: Crs },
) {
  return {
    tilesets: Array.from(sets, (tms) => ({
      ...description(tms, boundingBox.bounds, boundingBox.crs),
      links: links(parts, tms, `${urlOf(parts, tms)}${suffix(parts.query)}`),
    })),
  }
}

/** GET …/tiles/{tms}, with the columns and rows of every zoom that the mosaic's bounds touch. */
export function tileSet(
  parts: TileSetParts,
  tms: TileMatrixSet,
  zooms: { readonly minzoom?: number; readonly maxzoom?: number },
) {
  const bounds = mosaicBounds(parts.search, tms)
  const range = { ...mosaicZooms(parts.search, tms), ...zooms }
  const viewer = {
    href: `${parts.mosaic}/${tms.id}/map.html${suffix(parts.query)}`,
    type: 'text/html',
    rel: 'data',
    title: `Map viewer for '${tms.id}' tileMatrixSet`,
  }
  return {
    ...description(tms, bounds, 'EPSG:4326'),
    links: [...links(parts, tms, urlOf(parts, tms)), ...(isDrawnOnMap(tms) ? [viewer] : [])],
    tileMatrixSetLimits: tileMatrixSetLimits(tms, bounds, range),
  }
}

/** MapLibre knows Web Mercator alone. */
export function isDrawnOnMap({ id }: TileMatrixSet): boolean {
  return id === 'WebMercatorQuad'
}

/** GET /tileMatrixSets */
export function tileMatrixSetList(base: string, sets: Iterable<TileMatrixSet>) {
  return {
    tileMatrixSets: Array.from(sets, ({ id, title, uri }) => ({
      id,
      ...(title !== null && { title }),
      ...(uri !== null && { uri }),
      links: [definitionLink(base, id, `Definition of ${id} tileMatrixSet`)],
    })),
  }
}

function description({ id, crsReference }: TileMatrixSet, [west, south, east, north]: Bounds, crs: Crs) {
  return {
    title: `tileset tiled using ${id} TileMatrixSet`,
    dataType: 'map',
    crs: crsReference,
    accessConstraints: 'unclassified',
    boundingBox: { lowerLeft: [west, south], upperRight: [east, north], crs: crsUri(crs) },
  }
}

function links(parts: TileSetParts, tms: TileMatrixSet, self: string) {
  return [
    { href: self, rel: 'self', type: 'application/json', title: `Tileset tiled using ${tms.id} TileMatrixSet` },
    {
      href: `${urlOf(parts, tms)}/{z}/{x}/{y}${suffix(parts.query)}`,
      rel: 'tile',
      title: 'Templated link for retrieving Raster tiles',
      templated: true,
    },
    definitionLink(parts.base, tms.id, `Definition of '${tms.id}' tileMatrixSet`),
  ]
}

function definitionLink(base: string, id: string, title: string) {
  return { href: `${base}/tileMatrixSets/${id}`, rel: TILING_SCHEME, type: 'application/json', title }
}

function urlOf({ mosaic }: TileSetParts, { id }: TileMatrixSet): string {
  return `${mosaic}/tiles/${id}`
}

function suffix(query: URLSearchParams): string {
  return query.size === 0 ? '' : `?${query}`
}
