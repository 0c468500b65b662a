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

function card({ name, id, map, tileJson, tiles }: MosaicCard): string {
  return `<article><h2><a href="${escapeHtml(map)}">${escapeHtml(name)}</a></h2>
<div>search <code>${escapeHtml(id)}</code></div>
<div>TileJSON <code><a href="${escapeHtml(tileJson)}">${escapeHtml(tileJson)}</a></code></div>
<div>XYZ <code>${escapeHtml(tiles)}</code></div></article>`
}
