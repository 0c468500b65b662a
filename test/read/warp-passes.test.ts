import { describe, expect, test } from 'vitest'
import type { Raster } from '../../src/raster/raster.ts'
import type { DatasetFacts } from '../../src/read/dataset-facts.ts'
import { planRead, readTarget } from '../../src/read/read-plan.ts'
import { sample, samplePasses } from '../../src/read/sample.ts'
import type { SourceBlock } from '../../src/read/source-block.ts'
import type { Window } from '../../src/read/source-window.ts'
import { warpPasses } from '../../src/read/warp-passes.ts'
import { reprojections } from '../../src/request/tile-request.ts'
import { factsOf } from '../support/dataset-facts.ts'
import { tileGrid } from '../support/grids.ts'

const size = { width: 300, height: 280 }
const utm = factsOf({ ...size, crs: 'EPSG:32633', geoTransform: [400_000, 500, 0, 5_500_000, 0, -500] })
const bare: DatasetFacts & typeof utm = { ...utm, overviews: [], maskOverviews: [] }

const files = {
  'all of whose samples count': bare,
  'with nodata': { ...bare, nodata: 9, kernelMask: 'nodata' },
  'with a mask': { ...bare, maskKind: 'dataset', kernelMask: 'dataset' },
} as const satisfies Record<string, typeof utm>

const texture = (band: number, x: number, y: number) => (band * 31 + x * 7 + y * 13 + ((x * y) % 17) * 9) % 251
const hole = (x: number, y: number) => (x - 200) ** 2 + (y - 200) ** 2 < 1500

function blockOf(facts: DatasetFacts, bands: readonly number[], window: Window): SourceBlock {
  const fill = (sampleAt: (x: number, y: number) => number) =>
    Uint8Array.from({ length: window.width * window.height }, (_, i) =>
      sampleAt(window.x + (i % window.width), window.y + Math.floor(i / window.width)),
    )
  return {
    window,
    bands: bands.map((band) => fill((x, y) => (facts.nodata !== null && hole(x, y) ? 9 : texture(band, x, y)))),
    otherBands: [],
    mask: facts.maskKind === 'dataset' ? fill((x, y) => (hole(x, y) ? 0 : 255)) : null,
  }
}

/** What can be seen of it, as text: lists of so many numbers are compared slowly. */
const seen = (raster: Raster) =>
  raster.bands.map((band, b) => band.map((value, i) => (raster.masks[b]?.[i] === 0 ? 255 : value)).join(' ')).join('\n')

describe.each(Object.entries(files))('a file %s', (_, facts) => {
  test.each(reprojections)('warped by %s part by part has the pixels of one warp', async (reproject) => {
    const grid = tileGrid(7, 69, 44, 96)
    const target = readTarget(facts, null, null, grid)
    const plan = planRead(facts, target, grid, { nodata: null, resampling: 'nearest', reproject })
    if (plan.kind !== 'warp') throw new Error('no warp')
    const passes = warpPasses(plan, facts, 14_000)!
    expect(passes.length).toBeGreaterThan(1)
    const source = { facts, target }
    const read = async (window: Window) => blockOf(facts, target.bands, window)
    const inParts = await samplePasses(plan, passes, source, grid, read)
    const atOnce = await sample(plan, { ...source, block: await read(plan.window) }, grid)
    expect(seen(inParts)).toBe(seen(atOnce))
  })
})
