import sharp from 'sharp'
import { fillCatalogue, loadImagery, registerSearch, tileTemplate, tileUrl } from './imagery.ts'
import { machineFacts } from './machine.ts'
import type { BenchOptions } from './options.ts'
import { startApi, startWorkers } from './programs.ts'
import { referenceRelease, startReference } from './reference.ts'
import { round } from './summary.ts'
import { say, startServers, type Workspace } from './workspace.ts'

/** Requests of each server at a time. */
const AT_A_TIME = 4

/** Tiles named on standard error. */
const MOST_NAMED = 20

interface Picture {
  readonly status: number
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly data: Uint16Array
}

interface Comparison {
  readonly tile: string
  /** Why the pixels can't be compared; null when they can. */
  readonly mismatch: string | null
  readonly pixels: number
  readonly identical: number
  readonly within1: number
  readonly within8: number
  readonly alphaDiffers: number
}

/** Every tile of the list from both servers as PNG, which loses nothing, pixel by pixel. */
export async function benchParity(options: BenchOptions, workspace: Workspace): Promise<object> {
  if (!options.reference) throw new Error('parity compares with the reference: --no-reference leaves nothing to do')
  const imagery = await loadImagery(workspace, options.world, options.tiles)
  const servers = await startServers(workspace)
  await servers.postgres.createDatabase('bench')
  await fillCatalogue(servers.postgres.adminUrl('bench'), imagery)
  const setting = { databaseUrl: servers.postgres.url('bench'), servers, assetFolder: imagery.folder, options }
  say(`starting the API and ${options.workers} workers`)
  const [api] = await Promise.all([startApi(workspace, setting), startWorkers(workspace, setting, options.workers)])
  const reference = await startReference(workspace, setting.databaseUrl, options.workers)
  const [ours, theirs] = await Promise.all(
    [api.url, reference.url].map(async (server) => {
      return tileTemplate(server, await registerSearch(server, imagery), imagery, '.png')
    }),
  )
  say(`comparing ${imagery.tiles.length} tiles`)
  const compared: Comparison[] = []
  const queue = imagery.tiles.values()
  const lane = async () => {
    for (const tile of queue) {
      const [a, b] = await Promise.all([picture(tileUrl(theirs!, tile)), picture(tileUrl(ours!, tile))])
      compared.push(compare(tile, a, b))
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, lane))
  return {
    bench: 'parity',
    imagery: imagery.name,
    referenceRelease,
    ...summary(compared),
    machine: await machineFacts(),
  }
}

function summary(compared: readonly Comparison[]): object {
  const good = compared.filter(({ mismatch }) => mismatch === null)
  const share = (one: Comparison) => one.identical / one.pixels
  const worstFirst = good.filter(({ pixels }) => pixels > 0).toSorted((a, b) => share(a) - share(b))
  for (const { tile, mismatch } of compared) if (mismatch !== null) say(`${tile} ${mismatch}`)
  for (const one of worstFirst.filter((each) => share(each) < 1).slice(0, MOST_NAMED)) {
    const percent = (count: number) => `${((100 * count) / one.pixels).toFixed(2)} %`
    say(
      `${one.tile} identical ${percent(one.identical)}, within 1 ${percent(one.within1)}, within 8 ${percent(one.within8)}, alpha differs at ${one.alphaDiffers} pixels`,
    )
  }
  const pixels = good.reduce((sum, one) => sum + one.pixels, 0)
  const percent = (pick: (one: Comparison) => number) =>
    round((100 * good.reduce((sum, one) => sum + pick(one), 0)) / pixels, 4)
  const [worst] = worstFirst
  return {
    unit: '% of pixels identical',
    ours: percent(({ identical }) => identical),
    reference: 100,
    ratio: round(percent(({ identical }) => identical) / 100, 6),
    within1: percent(({ within1 }) => within1),
    tiles: compared.length,
    identicalTiles: good.filter((one) => one.identical === one.pixels).length,
    mismatchedTiles: compared.length - good.length,
    worst: worst && { tile: worst.tile, identical: round(100 * share(worst), 3) },
  }
}

/** The decoded tile with four channels of 16 bits; no pixels for an empty one or a failure. */
async function picture(url: string): Promise<Picture> {
  const response = await fetch(url)
  const body = Buffer.from(await response.arrayBuffer())
  if (response.status !== 200)
    return { status: response.status, width: 0, height: 0, channels: 0, data: new Uint16Array() }
  const { data, info } = await sharp(body).ensureAlpha().raw({ depth: 'ushort' }).toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  return {
    status: 200,
    width,
    height,
    channels,
    data: new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2),
  }
}

function compare(tile: string, a: Picture, b: Picture): Comparison {
  const none = { tile, pixels: 0, identical: 0, within1: 0, within8: 0, alphaDiffers: 0 }
  const shape = ({ status, width, height, channels }: Picture) => `${status} ${width}x${height}x${channels}`
  if (shape(a) !== shape(b)) return { ...none, mismatch: `reference ${shape(a)}, ours ${shape(b)}` }
  const { channels } = a
  const pixels = a.width * a.height
  let [identical, within1, within8, alphaDiffers] = [0, 0, 0, 0]
  for (let pixel = 0; pixel < pixels; pixel++) {
    const first = pixel * channels
    const alpha = first + channels - 1
    // Colour under full transparency does not show.
    const hidden = a.data[alpha] === 0 && b.data[alpha] === 0
    let largest = 0
    if (!hidden)
      for (let at = first; at <= alpha; at++) largest = Math.max(largest, Math.abs(a.data[at]! - b.data[at]!))
    if (a.data[alpha] !== b.data[alpha]) alphaDiffers++
    if (largest === 0) identical++
    if (largest <= 1) within1++
    if (largest <= 8) within8++
  }
  return { tile, mismatch: null, pixels, identical, within1, within8, alphaDiffers }
}
