import { setTimeout as sleep } from 'node:timers/promises'
import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { Releasers } from '../../src/release.ts'
import { fillCatalogue, loadImagery, registerSearch, tileTemplate, tileUrl } from './imagery.ts'
import { parseOptions } from './options.ts'
import { startApi, startWorkers } from './programs.ts'
import { createWorkspace, startServers } from './workspace.ts'
const releasers = new Releasers()
try {
  const options = parseOptions(process.argv.slice(2))
  const workspace = await createWorkspace(releasers)
  const imagery = await loadImagery(undefined, 400)
  const servers = await startServers(workspace)
  await servers.postgres.createDatabase('bench')
  await fillCatalogue(servers.postgres.adminUrl('bench'), imagery)
  const setting = { databaseUrl: servers.postgres.url('bench'), servers, assetFolder: imagery.folder, options }
  const [api] = await Promise.all([startApi(workspace, setting), startWorkers(workspace, setting, 1)])
  const search = await registerSearch(api.url, imagery)
  const t = tileTemplate(api.url, search, imagery)
  for (const tile of imagery.otherTiles) await (await fetch(tileUrl(t, tile))).arrayBuffer()
  for (const tile of imagery.tiles.slice(0, 200)) await (await fetch(tileUrl(t, tile))).arrayBuffer()
  const mon = [servers.queueRedis, servers.cacheRedis].map((r, i) => spawn('redis-cli', ['-p', String(r.port), 'monitor'], { stdio: ['ignore', openSync(`/tmp/bw/mon${i}.txt`, 'w'), 'ignore'] }))
  await sleep(500)
  for (const tile of imagery.tiles.slice(200, 230)) {
    const s = performance.timeOrigin + performance.now()
    const r = await fetch(tileUrl(t, tile)); await r.arrayBuffer()
    const e = performance.timeOrigin + performance.now()
    console.log((s/1000).toFixed(6), tile, (e - s).toFixed(2), r.headers.get('server-timing'))
    await sleep(30)
  }
  for (const m of mon) m.kill()
} finally { await releasers.release() }
