import type { Context } from 'koa'
import type { Area, LayerState } from '../../../src/freshness/layer-state.ts'
import { parseAreaBody } from '../../../src/invalidation/area-request.ts'
import { type LayerRefresh, parseRefreshBody } from '../../../src/invalidation/layer-refresh.ts'
import type { TileService } from '../../../src/pipeline/serve-tile.ts'
import type { TierStatus, TileInspector, TileStatus } from '../../../src/pipeline/tile-status.ts'
import type { LayerGenerations } from '../../../src/queue/layer-generations.ts'
import { findTileMatrixSet, parseTile, type TileRequestParser } from '../../../src/request/parse-tile-request.ts'
import type { Layer, MosaicLayer } from '../../../src/request/tile-request.ts'
import type { ItemSource } from '../../../src/search/stored-items.ts'
import { tileLonLatBounds } from '../../../src/tile/tile-matrix-set.ts'
import { layerOf, mosaicOf } from '../layer.ts'
import type { MosaicAccess } from '../mosaic-access.ts'
import { readJson } from '../request-body.ts'

export interface FreshnessHandlerParts {
  readonly parser: TileRequestParser
  readonly tiles: TileService
  readonly inspector: TileInspector
  readonly generations: LayerGenerations
  readonly refresh: LayerRefresh
  readonly items: ItemSource
}

type Path = Readonly<Record<string, string>>

/** Handlers of what makes tiles outdated, and of what tells whether they are. */
export function createFreshnessHandlers(parts: FreshnessHandlerParts, mosaics: MosaicAccess) {
  const { parser, tiles, inspector, generations, refresh, items } = parts

  /** The path's layer, which exists: a list of layers that nobody has would only grow. */
  const existing = async (kind: Layer['kind'], path: Path, ctx: Context): Promise<Layer> => {
    const asked = layerOf(kind, path)
    const layer = await mosaics.filtered(asked, ctx.querystring)
    if (layer.kind === 'search' || layer.kind === 'collection') await mosaics.searchOf(layer)
    else await items.get(layer.collection, layer.kind === 'item' ? layer.id : layer.item)
    return layer
  }

  const invalidate = async (ctx: Context, layer: Layer, area: Area | null): Promise<void> => {
    const state = await generations.invalidate(layer, area)
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { layer, scope: area === null ? 'layer' : 'area', ...stateOf(state) }
  }

  return {
    /** POST …/invalidate */
    invalidate: (kind: Layer['kind']) => async (ctx: Context, path: Path) => {
      const area = parseAreaBody(await readJson(ctx))
      await invalidate(ctx, await existing(kind, path, ctx), area)
    },

    /** POST …/refresh */
    refresh: (kind: MosaicLayer['kind']) => async (ctx: Context, path: Path) => {
      const request = parseRefreshBody(await readJson(ctx))
      const layer = await mosaics.filtered(mosaicOf(kind, path), ctx.querystring)
      const { hash } = await mosaics.searchOf(layer)
      const report = await refresh.refresh(layer, hash, request)
      ctx.set('Cache-Control', 'no-store')
      ctx.body = { layer, dry_run: request.dryRun, ...report, ...stateOf(await generations.state(layer)) }
    },

    /** POST …/tiles/{tms}/{z}/{x}/{y}/dirty */
    dirty: (kind: Layer['kind']) => async (ctx: Context, path: Path) => {
      const { tms: id = '', z = '', x = '', y = '' } = path
      const tms = findTileMatrixSet(id)
      const { tile } = parseTile(tms, z, x, y)
      const place = tileLonLatBounds(tms, tile)
      await invalidate(ctx, await existing(kind, path, ctx), {
        ...{ minZoom: tile.z, maxZoom: tile.z },
        boxes: place === null ? [] : [place],
      })
    },

    /** GET …/tiles/{tms}/{z}/{x}/{y}/status */
    status: (kind: Layer['kind']) => async (ctx: Context, path: Path) => {
      const { tms = '', z = '', x = '', y = '' } = path
      const asked = parser.parse({ layer: layerOf(kind, path), tileMatrixSetId: tms, z, x, y }, ctx.querystring)
      const request = { ...asked, layer: await mosaics.filtered(asked.layer, ctx.querystring) }
      const status = await inspector.status(await tiles.series(request), request)
      ctx.set('Cache-Control', 'no-store')
      ctx.body = describe(status)
    },
  }
}

function stateOf({ generation, edition, regions }: LayerState): Record<string, number> {
  return { generation, edition, regions: regions.length }
}

function describe({ tiers, failure, ...status }: TileStatus): Record<string, unknown> {
  return {
    ...status,
    tiers: Object.fromEntries([...tiers].map(([name, tier]) => [name, describeTier(tier)])),
    failure: failure && { code: failure.code, detail: failure.detail },
  }
}

function describeTier(tier: TierStatus): Record<string, unknown> {
  if (!('tile' in tier)) return tier
  const { outcome, contentType, etag, renderedAt, edition = 0, body } = tier.tile
  return {
    state: tier.state,
    outcome,
    ...(outcome === 'image' ? { content_type: contentType, bytes: body.length } : {}),
    etag,
    rendered_at: new Date(renderedAt).toISOString(),
    age_seconds: Math.round(tier.ageSeconds),
    edition,
  }
}
