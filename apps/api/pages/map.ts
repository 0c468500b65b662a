import { escapeHtml, ICON, scriptLiteral } from './html.ts'

/** The viewer: MapLibre over one mosaic's TileJSON. Works offline; shows the code of a tile that failed. */
export function mapPage(options: { title: string; base: string; tileJsonUrl: string; nonce: string }): string {
  const { title, base, tileJsonUrl, nonce } = options
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">${ICON}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} – Tilepress</title>
<link rel="stylesheet" href="${escapeHtml(base)}/assets/maplibre-gl.css">
<style>
  html, body, #map { height: 100%; margin: 0; }
  body { font: 14px/1.4 system-ui, sans-serif; }
  #map { background: #10161d; }
  #panel { position: absolute; top: 10px; left: 10px; max-width: 22rem; padding: 8px 12px; border-radius: 6px;
    background: rgb(255 255 255 / 92%); box-shadow: 0 1px 4px rgb(0 0 0 / 30%); }
  #panel h1 { margin: 0; font-size: 15px; }
  #panel a { color: #05506b; }
  #problem { margin: 4px 0 0; color: #a11; }
  #problem:empty { display: none; }
</style>
</head>
<body>
<div id="map"></div>
<div id="panel"><h1>${escapeHtml(title)}</h1>
<a href="${escapeHtml(tileJsonUrl)}">TileJSON</a> · <a href="${escapeHtml(base)}/docs">API</a>
<label> · <input type="checkbox" id="grid"> tile grid</label>
<p id="problem" role="status"></p></div>
<script type="module" nonce="${nonce}">
import * as maplibregl from ${scriptLiteral(`${base}/assets/maplibre-gl.mjs`)}
const problem = document.getElementById('problem')
const answer = await fetch(${scriptLiteral(tileJsonUrl)})
const tileJson = await answer.json()
if (!answer.ok) problem.textContent = tileJson.code + ': ' + tileJson.detail
else {
  const [west, south, east, north] = tileJson.bounds
  const map = new maplibregl.Map({
    container: 'map',
    hash: true,
    bounds: [[Math.max(west, -179), Math.max(south, -84)], [Math.min(east, 179), Math.min(north, 84)]],
    maxZoom: Math.min(24, tileJson.maxzoom + 3),
    style: {
      version: 8,
      sources: { mosaic: { type: 'raster', ...tileJson, tileSize: 256 } },
      layers: [{ id: 'mosaic', type: 'raster', source: 'mosaic', paint: { 'raster-fade-duration': 0 } }],
    },
  })
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }))
  map.addControl(new maplibregl.ScaleControl())
  map.on('error', async (event) => {
    const status = event.error?.status
    const body = await event.error?.body?.text?.().catch(() => '')
    let shown = event.error?.message ?? 'a tile failed'
    try { const { code, detail } = JSON.parse(body); shown = code + ': ' + detail } catch {}
    problem.textContent = (status ? status + ' ' : '') + shown
  })
  map.on('idle', () => { document.body.dataset.state = 'idle' })
  map.on('dataloading', () => { document.body.dataset.state = 'loading' })
  document.getElementById('grid').addEventListener('change', (event) => { map.showTileBoundaries = event.target.checked })
}
</script>
</body>
</html>
`
}
