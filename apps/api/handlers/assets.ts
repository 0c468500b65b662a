import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Context } from 'koa'
import { TilepressError } from '../../../src/errors.ts'
import { matches } from '../http-cache.ts'

const require = createRequire(import.meta.url)

/** The files of installed packages that our pages use: no other file of any package is reachable. */
const files: Readonly<Record<string, { package: string; file: string; type: string }>> = {
  'maplibre-gl.mjs': { package: 'maplibre-gl', file: 'dist/maplibre-gl.mjs', type: 'text/javascript' },
  'maplibre-gl-worker.mjs': { package: 'maplibre-gl', file: 'dist/maplibre-gl-worker.mjs', type: 'text/javascript' },
  'maplibre-gl-shared.mjs': { package: 'maplibre-gl', file: 'dist/maplibre-gl-shared.mjs', type: 'text/javascript' },
  'maplibre-gl.css': { package: 'maplibre-gl', file: 'dist/maplibre-gl.css', type: 'text/css' },
  'swagger-ui-bundle.js': { package: 'swagger-ui-dist', file: 'swagger-ui-bundle.js', type: 'text/javascript' },
  'swagger-ui.css': { package: 'swagger-ui-dist', file: 'swagger-ui.css', type: 'text/css' },
}

const loaded = new Map<string, Promise<{ bytes: Buffer; etag: string }>>()

/** GET /assets/{file}: libraries from the installed packages, so that the pages work without any other server. */
export async function assetHandler(ctx: Context, path: Readonly<Record<string, string>>): Promise<void> {
  const name = path.file ?? ''
  const entry = Object.hasOwn(files, name) ? files[name] : undefined
  if (!entry) throw new TilepressError('ROUTE_NOT_FOUND', 'there is no such file')
  const { bytes, etag } = await load(name, join(dirname(require.resolve(`${entry.package}/package.json`)), entry.file))
  ctx.set('Cache-Control', 'public, max-age=86400')
  ctx.set('ETag', etag)
  if (matches(ctx.get('If-None-Match'), etag)) {
    ctx.status = 304
    return
  }
  ctx.type = entry.type
  ctx.body = bytes
}

/** Each file is read once; a failure is not remembered. */
function load(name: string, file: string): Promise<{ bytes: Buffer; etag: string }> {
  const present = loaded.get(name)
  if (present) return present
  const loading = readFile(file).then((bytes) => ({
    bytes,
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
  }))
  loaded.set(name, loading)
  loading.catch(() => loaded.delete(name))
  return loading
}
