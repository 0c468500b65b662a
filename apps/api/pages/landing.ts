import { escapeHtml, ICON } from './html.ts'

export interface MosaicCard {
  readonly name: string
  readonly id: string
  readonly map: string
  readonly tileJson: string
  readonly tiles: string
}

/** The first page: every registered mosaic with the addresses a client needs. */
export function landingPage(base: string, cards: readonly MosaicCard[] | null): string {
  const list =
    cards === null
      ? '<p>The catalogue does not answer at the moment; tiles that are cached are served all the same.</p>'
      : cards.length === 0
        ? '<p>No mosaic is registered yet: <code>POST /searches/register</code>.</p>'
        : cards.map(card).join('\n')
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8">${ICON}<meta name="viewport" content="width=device-width, initial-scale=1"><title>Tilepress</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #16212b; }
  article { border: 1px solid #d5dde3; border-radius: 8px; padding: 12px 16px; margin: 12px 0; }
  article h2 { margin: 0 0 4px; font-size: 17px; }
  code { overflow-wrap: anywhere; font-size: 13px; }
  a { color: #05506b; }
</style></head>
<body><h1>Tilepress</h1>
<p>Map tiles of pgSTAC mosaics. <a href="${escapeHtml(base)}/docs">API</a> · <a href="${escapeHtml(base)}/healthz">health</a> ·
<a href="${escapeHtml(base)}/metrics">metrics</a></p>
${list}
</body>
</html>
`
}

const REL = 'http://www.opengis.net/def/rel/ogc/1.0'

/** The same for programs: what there is, in titiler's shape. */
export function landingDocument(base: string) {
  const link = (title: string, path: string, rel: string, type = 'application/json') => {
    return { title, href: `${base}${path}`, type, rel, ...(path.includes('{') && { templated: true }) }
  }
  return {
    title: 'Tilepress',
    links: [
      link('Landing page', '/', 'self'),
      link('The API, as OpenAPI 3.1', '/api', 'service-desc', 'application/vnd.oai.openapi+json;version=3.1'),
      link('The API, to read and try', '/docs', 'service-doc', 'text/html'),
      link('Conformance', '/conformance', `${REL}/conformance`),
      link('Registered mosaics', '/searches', 'data'),
      link('Map of a mosaic', '/searches/{search_id}/{tileMatrixSetId}/map.html', 'data', 'text/html'),
      link('Map of a collection', '/collections/{collection_id}/{tileMatrixSetId}/map.html', 'data', 'text/html'),
      link(
        'Map of an item',
        '/collections/{collection_id}/items/{item_id}/{tileMatrixSetId}/map.html',
        'data',
        'text/html',
      ),
      link('Tile matrix sets', '/tileMatrixSets', `${REL}/tiling-schemes`),
      link('Algorithms', '/algorithms', 'data'),
      link('Colormaps', '/colorMaps', 'data'),
    ],
  }
}

function card({ name, id, map, tileJson, tiles }: MosaicCard): string {
  return `<article><h2><a href="${escapeHtml(map)}">${escapeHtml(name)}</a></h2>
<div>search <code>${escapeHtml(id)}</code></div>
<div>TileJSON <code><a href="${escapeHtml(tileJson)}">${escapeHtml(tileJson)}</a></code></div>
<div>XYZ <code>${escapeHtml(tiles)}</code></div></article>`
}
