import type { Context } from 'koa'
import { TilepressError } from '../../../src/errors.ts'
import type { TileService } from '../../../src/pipeline/serve-tile.ts'
import {
  fileOf,
  findTileMatrixSet,
  parseFormat,
  type TileRequestParser,
} from '../../../src/request/parse-tile-request.ts'
import { parseCrs } from '../../../src/request/place.ts'
import type { Layer } from '../../../src/request/tile-request.ts'
import { describeItem, itemRenders, rasterAssets } from '../../../src/search/item-assets.ts'
import type { StacItem } from '../../../src/search/item-lookup.ts'
import { drawnByDefault, mosaicBounds, tileJson } from '../../../src/search/mosaic-info.ts'
import { renderDefaults, renderQuery } from '../../../src/search/render-defaults.ts'
import type { ItemSource } from '../../../src/search/stored-items.ts'
import { isDrawnOnMap, tileSet, tileSetList } from '../../../src/search/tile-set-info.ts'
import type { Bounds } from '../../../src/tile/bounds.ts'
import type { TileMatrixSet } from '../../../src/tile/tile-matrix-set.ts'
import { tileMatrixSets } from '../../../src/tile/tile-matrix-sets.ts'
import { departureOf } from '../departure.ts'
import { layerOf } from '../layer.ts'
import { INFO_MAX_AGE, type MosaicAccess } from '../mosaic-access.ts'
import { respondWithPage } from '../pages/html.ts'
import { mapPage } from '../pages/map.ts'
import { zoomsOf } from '../zooms.ts'
import { notOnMap, overridden } from './mosaic.ts'
import { boundsIn } from './tile-sets.ts'
import { createWmtsHandler } from './wmts.ts'

export interface ItemHandlerParts {
  readonly parser: TileRequestParser
  readonly tiles: TileService
  readonly items: ItemSource
}

type Path = Readonly<Record<string, string>>
type ItemLayer = Extract<Layer, { readonly kind: 'item' | 'asset' }>

interface FilePlace {
  readonly minzoom: number
  readonly maxzoom: number
  readonly bounds: Bounds
}

/** Handlers of what is told of an item and its files besides what the files are. */
export function createItemHandlers({ parser, tiles, items }: ItemHandlerParts, mosaics: MosaicAccess) {
  const layerAt = (kind: ItemLayer['kind'], path: Path) => layerOf(kind, path) as ItemLayer
  const itemOf = (layer: ItemLayer) => items.get(layer.collection, layer.kind === 'asset' ? layer.item : layer.id)
  const urlOf = (ctx: Context, layer: ItemLayer) => {
    const ids = layer.kind === 'asset' ? ['items', layer.item, 'assets', layer.id] : ['items', layer.id]
    return [mosaics.baseOf(ctx), 'collections', ...[layer.collection, ...ids].map(encodeURIComponent)].join('/')
  }
  const isRenderable = (query: URLSearchParams) => parser.takesRender(query.toString())
  const respond = (ctx: Context, body: unknown) => {
    ctx.set('Cache-Control', `public, max-age=${INFO_MAX_AGE}`)
    ctx.body = body
  }

  /** A worker opens the file; the answer is kept like any other. */
  async function placeOf(ctx: Context, layer: ItemLayer, asset: string, tms: TileMatrixSet): Promise<FilePlace> {
    const query = { kind: 'zooms', asset, tileMatrixSetId: tms.id } as const
    const { tile } = await tiles.serveQuery({ layer, query }, departureOf(ctx))
    return JSON.parse(tile.body.toString()) as FilePlace
  }

  /** The item, or a file of it, with the zooms of an asset in a tile matrix set. */
  async function describe(ctx: Context, layer: ItemLayer, asset: string | undefined, tms: TileMatrixSet) {
    const item = await itemOf(layer)
    const file = asset === undefined ? undefined : await placeOf(ctx, layer, asset, tms)
    return describeItem(item, file && { ...file, isFile: layer.kind === 'asset' })
  }

  const tileSetParts = (ctx: Context, layer: ItemLayer, search: ReturnType<typeof describeItem>, others: string[]) => {
    const query = new URLSearchParams(ctx.querystring)
    for (const name of ['f', ...others]) query.delete(name)
    return { base: mosaics.baseOf(ctx), mosaic: urlOf(ctx, layer), search, query }
  }

  return {
    /** GET …/assets */
    assets: async (ctx: Context, path: Path) => respond(ctx, rasterAssets(await itemOf(layerAt('item', path)))),

    /** GET …/{tms}/tilejson.json. Zooms are those of the first asset that is asked for: only that file is opened. */
    tileJson: (kind: ItemLayer['kind']) => async (ctx: Context, path: Path) => {
      const layer = layerAt(kind, path)
      const tms = findTileMatrixSet(path.tms ?? '')
      const query = new URLSearchParams(ctx.querystring)
      const format = query.get('tile_format')
      if (format !== null) parseFormat(format)
      const zooms = zoomsOf(query, tms)
      const [asset] = parser.parseRender(ctx.querystring, undefined, fileOf(layer)).assets
      const search = await describe(ctx, layer, asset?.name, tms)
      const parts = { mosaic: urlOf(ctx, layer), search, tms, query, ...(format !== null && { format }), ...zooms }
      respond(ctx, tileJson(parts))
    },

    /** GET …/{tms}/map.html */
    map: (kind: ItemLayer['kind']) => async (ctx: Context, path: Path) => {
      const layer = layerAt(kind, path)
      const tms = findTileMatrixSet(path.tms ?? '')
      if (!isDrawnOnMap(tms)) throw notOnMap(tms)
      const query = new URLSearchParams(ctx.querystring)
      const item = await itemOf(layer)
      const isWhole = kind === 'asset' || query.has('assets')
      const drawn = isWhole ? query : overridden(drawnByDefault(describeItem(item), isRenderable), query)
      if (!drawn.has('tilesize')) drawn.set('tilesize', '256')
      parser.parseRender(drawn.toString(), undefined, fileOf(layer))
      const base = mosaics.baseOf(ctx)
      const tileJsonUrl = `${urlOf(ctx, layer)}/${tms.id}/tilejson.json?${drawn}`
      const title = layer.id
      respondWithPage(ctx, (nonce) => mapPage({ title, base, tileJsonUrl, nonce }))
    },

    /** GET …/tiles */
    tileSets: (kind: ItemLayer['kind']) => async (ctx: Context, path: Path) => {
      const layer = layerAt(kind, path)
      const crs = parseCrs('crs', new URLSearchParams(ctx.querystring).get('crs') ?? 'EPSG:4326')
      const tms = findTileMatrixSet('WebMercatorQuad')
      const search = await describe(ctx, layer, kind === 'asset' ? layer.id : undefined, tms)
      const bounds = boundsIn(crs, mosaicBounds(search, tms))
      respond(ctx, tileSetList(tileSetParts(ctx, layer, search, ['crs']), tileMatrixSets.values(), { bounds, crs }))
    },

    /** GET …/tiles/{tms}. Zooms as those of tilejson.json; without `assets` those of the item's first file. */
    tileSet: (kind: ItemLayer['kind']) => async (ctx: Context, path: Path) => {
      const layer = layerAt(kind, path)
      const tms = findTileMatrixSet(path.tms ?? '')
      const query = new URLSearchParams(ctx.querystring)
      const zooms = zoomsOf(query, tms)
      const isAsked = kind === 'asset' || query.has('assets')
      const [asked] = isAsked ? parser.parseRender(ctx.querystring, undefined, fileOf(layer)).assets : []
      const asset = asked?.name ?? rasterAssets(await itemOf(layer))[0]
      const search = await describe(ctx, layer, asset, tms)
      respond(ctx, tileSet(tileSetParts(ctx, layer, search, ['minzoom', 'maxzoom']), tms, zooms))
    },

    /** GET …/WMTSCapabilities.xml */
    wmts: (kind: ItemLayer['kind']) =>
      createWmtsHandler(parser, async (ctx, path) => {
        const layer = layerAt(kind, path)
        const isFile = kind === 'asset'
        const described = await describe(
          ctx,
          layer,
          isFile ? layer.id : undefined,
          findTileMatrixSet('WebMercatorQuad'),
        )
        // The file's zooms are those of one set alone, and an item's renders name assets.
        const search = { ...described, metadata: isFile ? {} : { defaults: described.metadata.defaults } }
        return { name: layer.id, title: layer.id, search, url: urlOf(ctx, layer), file: fileOf(layer) }
      }),

    /** GET …/renders */
    renders: async (ctx: Context, path: Path) => {
      const layer = layerAt('item', path)
      const item = await itemOf(layer)
      const url = urlOf(ctx, layer)
      const renders = Object.keys(itemRenders(item)).map((id) => [id, renderOf(item, id, url)])
      const self = {
        href: `${url}/renders`,
        rel: 'self',
        type: 'application/json',
        title: 'List STAC Renders metadata',
      }
      respond(ctx, { renders: Object.fromEntries(renders), links: [self] })
    },

    /** GET …/renders/{id} */
    render: async (ctx: Context, path: Path) => {
      const layer = layerAt('item', path)
      const item = await itemOf(layer)
      const id = path.render ?? ''
      if (!Object.hasOwn(itemRenders(item), id))
        throw new TilepressError('RENDER_NOT_FOUND', 'the item has no such render')
      respond(ctx, renderOf(item, id, urlOf(ctx, layer)))
    },
  }

  /** A render of the item's metadata with the addresses of what it draws; `valid`: a tile takes its parameters. */
  function renderOf(item: StacItem, id: string, url: string) {
    const params = itemRenders(item)[id]
    const query = renderQuery(renderDefaults(itemRenders(item))[id] ?? {})
    const self = {
      href: `${url}/renders/${encodeURIComponent(id)}`,
      rel: 'self',
      type: 'application/json',
      title: `STAC Renders metadata for ${id}`,
    }
    const tiles = {
      href: `${url}/{tileMatrixSetId}/tilejson.json?${query}`,
      rel: 'tilesets-map',
      title: `tilejson file for ${id}`,
      templated: true,
    }
    const valid = isRenderable(query)
    return { valid, params, links: valid ? [self, tiles] : [self] }
  }
}
