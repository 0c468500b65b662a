import type { Context } from 'koa'
import type { TileRequestParser } from '../../../src/request/parse-tile-request.ts'
import { drawnByDefault } from '../../../src/search/mosaic-info.ts'
import type { Catalog } from '../../../src/search/pgstac-catalog.ts'
import type { RegisteredSearch } from '../../../src/search/registered-search.ts'
import type { SearchPage } from '../../../src/search/search-list.ts'
import { openApiDocument } from '../openapi.ts'
import { docsPage } from '../pages/docs.ts'
import { respondWithPage } from '../pages/html.ts'
import { landingDocument, landingPage, type MosaicCard } from '../pages/landing.ts'
import { publicUrl } from '../public-url.ts'
import type { Route } from '../route.ts'

export interface PageHandlerParts {
  readonly catalog: Catalog
  readonly parser: TileRequestParser
  readonly publicUrl: string | undefined
  readonly version: string
  /** The finished route table; asked for when a page is, as the pages are routes themselves. */
  readonly routes: () => readonly Route[]
}

/** The mosaics that the landing page shows: those used last. */
const FIRST_PAGE: SearchPage = { limit: 50, offset: 0, sortBy: [], metadata: [] }

/** Handlers of the pages for people, and of the OpenAPI document. */
export function createPageHandlers(parts: PageHandlerParts) {
  const base = (ctx: Context) => publicUrl(ctx, parts.publicUrl)
  return {
    /** GET /: a page, or a document for who asks for JSON. */
    async landing(ctx: Context): Promise<void> {
      const url = base(ctx)
      ctx.vary('Accept')
      if (ctx.query.f === 'json' || (ctx.query.f !== 'html' && ctx.accepts('html', 'json') === 'json')) {
        ctx.body = landingDocument(url)
        return
      }
      const cards = await parts.catalog.listSearches(FIRST_PAGE).then(
        ({ searches }) =>
          searches.map((search) => card(url, search, (query) => parts.parser.takesRender(query.toString()))),
        () => null,
      )
      respondWithPage(ctx, () => landingPage(url, cards))
    },
    /** GET /docs */
    docs(ctx: Context): void {
      respondWithPage(ctx, (nonce) => docsPage(base(ctx), nonce))
    },
    /** GET /api */
    openApi(ctx: Context): void {
      ctx.set('Content-Type', 'application/vnd.oai.openapi+json;version=3.1')
      ctx.set('Cache-Control', 'public, max-age=60')
      ctx.body = JSON.stringify(openApiDocument(parts.routes(), base(ctx), parts.version))
    },
  }
}

function card(url: string, search: RegisteredSearch, isRenderable: (query: URLSearchParams) => boolean): MosaicCard {
  const { hash, metadata } = search
  const drawn = drawnByDefault(search, isRenderable)
  const query = drawn ? `?${drawn}` : '?assets=…'
  const mosaic = `${url}/searches/${hash}`
  return {
    name: typeof metadata.name === 'string' ? metadata.name : hash,
    id: hash,
    map: `${mosaic}/WebMercatorQuad/map.html${drawn ? query : ''}`,
    tileJson: `${mosaic}/WebMercatorQuad/tilejson.json${query}`,
    tiles: `${mosaic}/tiles/WebMercatorQuad/{z}/{x}/{y}${query}`,
  }
}
