import { TilepressError } from '../errors.ts'
import type { Crs } from '../tile/crs.ts'
import type { TileFormat } from '../tile/format.ts'
import { type AreaGeometry, parseFeatures } from './area-geometry.ts'
import { parseAssets } from './asset-parameters.ts'
import { fileOf, parseFormat, type TileRequestParser } from './parse-tile-request.ts'
import { parseBox, parseCrs, parsePosition, WGS84 } from './place.ts'
import type { Area, ImageQuery, InfoQuery, OutputSize, PointQuery, StatisticsQuery } from './query-request.ts'
import { whole } from './query-values.ts'
import { parseCoverScale, parseStatisticsOptions } from './statistics-parameters.ts'
import type { Layer } from './tile-request.ts'

/** Of an image, and of what may be asked of one. */
export const LARGEST_SIDE = 4_096

/** Files that are opened for one answer. */
const MOST_FILES = 64

/** Longest side of a preview (titiler). */
const PREVIEW_SIZE = 1_024

/** The door for queries: raw path segments, query string and body in, a query that cannot be wrong out. All throw PARAMETER_INVALID. */
export class QueryParser {
  readonly #parser: TileRequestParser

  /** It shares the tile parser's memory of parameters. */
  constructor(parser: TileRequestParser) {
    this.#parser = parser
  }

  /** `position` is `lon,lat`. */
  point(layer: Layer, position: string, querystring: string): PointQuery {
    const [x, y] = parsePosition(position)
    const { crs } = reference(new URLSearchParams(querystring))
    return { kind: 'point', x, y, crs, render: this.#parser.parseRender(querystring, undefined, fileOf(layer)) }
  }

  /** An item's or a file's own extent, 1,024 pixels a side at most unless told otherwise; `dimensions` as of a box. */
  preview(layer: Layer, dimensions: string | null, extension: string | null, querystring: string): ImageQuery {
    return this.#image(layer, { kind: 'whole' }, dimensions, extension, querystring)
  }

  /** `place` is `minx,miny,maxx,maxy`, then `.format` unless `dimensions`, `{width}x{height}.{format}`, follow. */
  box(layer: Layer, place: string, dimensions: string | null, querystring: string): ImageQuery {
    const [box, extension] = dimensions === null ? splitExtension(place) : [place, null]
    return this.#image(layer, { kind: 'box', bounds: parseBox(box) }, dimensions, extension, querystring)
  }

  /** `body` is a GeoJSON Feature. Throws also BODY_TOO_LARGE. */
  feature(
    layer: Layer,
    body: unknown,
    dimensions: string | null,
    extension: string | null,
    querystring: string,
  ): ImageQuery {
    const { isCollection, areas } = parseFeatures(body)
    const [geometry] = areas
    if (isCollection || geometry === undefined)
      throw new TilepressError('PARAMETER_INVALID', 'body: an image is of one Feature')
    return this.#image(layer, { kind: 'geometry', geometry }, dimensions, extension, querystring)
  }

  /** Of all of an item or file, from a preview of it. */
  statistics(layer: Layer, querystring: string): StatisticsQuery {
    return this.#statistics(layer, null, querystring)
  }

  /** `body` is a GeoJSON Feature or FeatureCollection. Throws also BODY_TOO_LARGE. */
  featureStatistics(layer: Layer, body: unknown, querystring: string): StatisticsQuery {
    return this.#statistics(layer, parseFeatures(body).areas, querystring)
  }

  /** Of each asset of an item by itself. `all` are the assets that `:all:` means. */
  assetStatistics(layer: Layer, all: readonly string[], querystring: string): StatisticsQuery {
    const query = new URLSearchParams(querystring)
    if (isAll(query)) {
      query.delete('assets')
      for (const name of all) query.append('assets', name)
    }
    return { ...this.#statistics(layer, null, query.toString()), perAsset: true }
  }

  /** What files are; of an item those of `assets`, or all with `:all:`. `isGeoJson`: as a feature, in the query's `crs`. */
  info(layer: Layer, all: readonly string[], isGeoJson: boolean, querystring: string): InfoQuery {
    const query = new URLSearchParams(querystring)
    const asked = () => (isAll(query) ? all : parseAssets(query.getAll('assets')).map(({ name }) => name))
    const assets = layer.kind === 'asset' ? [layer.id] : [...new Set(asked())]
    if (assets.length > MOST_FILES)
      throw new TilepressError('PARAMETER_INVALID', `parameter assets may name at most ${MOST_FILES} files`)
    const crs = query.get('crs')
    const geojsonCrs = !isGeoJson ? null : crs === null ? WGS84 : parseCrs('crs', crs)
    return { kind: 'info', assets, geojsonCrs }
  }

  #statistics(layer: Layer, areas: readonly AreaGeometry[] | null, querystring: string): StatisticsQuery {
    const query = new URLSearchParams(querystring)
    const { crs, targetCrs } = areas === null ? { crs: WGS84, targetCrs: null } : reference(query)
    return {
      ...{ kind: 'statistics', areas, crs, targetCrs },
      size: parseSize(query, areas === null ? PREVIEW_SIZE : null),
      render: this.#parser.parseRender(querystring, undefined, fileOf(layer)),
      coverScale: areas === null ? 1 : parseCoverScale(query),
      options: parseStatisticsOptions(query),
    }
  }

  #image(
    layer: Layer,
    area: Area,
    dimensions: string | null,
    extension: string | null,
    querystring: string,
  ): ImageQuery {
    const query = new URLSearchParams(querystring)
    const sized = dimensions === null ? null : parseDimensions(dimensions)
    const format = sized?.format ?? parseFormat(extension)
    const size = sized?.size ?? parseSize(query, area.kind === 'whole' ? PREVIEW_SIZE : null)
    const render = this.#parser.parseRender(querystring, undefined, fileOf(layer))
    return { kind: 'image', area, ...reference(query), size, render, format }
  }
}

/** titiler's word for every asset of an item. */
export function isAll(query: URLSearchParams): boolean {
  const assets = query.getAll('assets')
  return assets.length === 1 && assets[0] === ':all:'
}

function reference(query: URLSearchParams): { readonly crs: Crs; readonly targetCrs: Crs | null } {
  const [coordinates, target] = [query.get('coord_crs'), query.get('dst_crs')]
  return {
    crs: coordinates === null ? WGS84 : parseCrs('coord_crs', coordinates),
    targetCrs: target === null ? null : parseCrs('dst_crs', target),
  }
}

/** `max_size`, `width`, `height`; a width or a height sets the first aside. 0 is no bound, as in titiler. */
function parseSize(query: URLSearchParams, maxSize: number | null): OutputSize {
  const side = (name: string) => (query.has(name) ? whole(query, name, 1, 1, LARGEST_SIDE) : null)
  const [width, height] = [side('width'), side('height')]
  if (width !== null || height !== null) return { maxSize: null, width, height }
  return { maxSize: whole(query, 'max_size', maxSize ?? 0, 0, LARGEST_SIDE) || null, width, height }
}

function parseDimensions(text: string): { readonly size: OutputSize; readonly format: TileFormat } {
  const [, width = '', height = '', extension = ''] = /^(\d{1,5})x(\d{1,5})\.(\w+)$/.exec(text) ?? []
  const isSide = (side: number) => side >= 1 && side <= LARGEST_SIDE
  if (!isSide(Number(width)) || !isSide(Number(height))) {
    throw new TilepressError(
      'PARAMETER_INVALID',
      `the size of an image is {width}x{height}.{format}, each side 1 to ${LARGEST_SIDE} pixels`,
    )
  }
  return { size: { maxSize: null, width: Number(width), height: Number(height) }, format: parseFormat(extension) }
}

/** `1.5,2,3,4.5.png` is `1.5,2,3,4.5` and `png`: an extension begins with a letter. */
function splitExtension(text: string): readonly [name: string, extension: string | null] {
  const [, name, extension] = /^(.*)\.([a-z]\w*)$/i.exec(text) ?? []
  return name === undefined || extension === undefined ? [text, null] : [name, extension]
}
