import { describe, expect, test } from 'vitest'
import type { TypedArray } from '../../src/raster/data-type.ts'
import type { NorthUpFacts } from '../../src/read/dataset-facts.ts'
import { plainPasses } from '../../src/read/plain-passes.ts'
import type { PlainPart, PlainPlan } from '../../src/read/plain-plan.ts'
import type { PlainBlock, PlainBlocks } from '../../src/read/plain-read.ts'
import { planRead, readTarget } from '../../src/read/read-plan.ts'
import { samplePlain, samplePlainPasses } from '../../src/read/sample-plain.ts'
import type { Window } from '../../src/read/source-window.ts'
import { resamplings } from '../../src/request/tile-request.ts'
import { factsOf } from '../support/dataset-facts.ts'

const place = { width: 2600, height: 2300, crs: 'EPSG:3857', geoTransform: [0, 10, 0, 0, 0, -10] } as const
const bare = { ...factsOf(place), overviews: [], maskOverviews: [] }
const files = {
  'all of whose samples count': bare,
  'with nodata': { ...bare, nodata: 9, kernelMask: 'nodata' },
  'with a mask': { ...bare, maskKind: 'dataset', kernelMask: 'dataset' },
} as const satisfies Record<string, NorthUpFacts>

const grids = {
  'inside the file': { crs: 'EPSG:3857', bounds: [510, -22_310, 25_130, -310], width: 61, height: 47 },
  'over its edge': { crs: 'EPSG:3857', bounds: [-3_510, -25_310, 25_130, -310], width: 61, height: 47 },
} as const

const texture = (x: number, y: number) => (x * 7 + y * 13 + ((x * y) % 17) * 9) % 251
const hole = (x: number, y: number) => (x - 900) ** 2 + (y - 1200) ** 2 < 90_000

const whole = { x: 0, y: 0, width: place.width, height: place.height }
const samples = (at: (x: number, y: number) => number) =>
  Uint8Array.from({ length: whole.width * whole.height }, (_, i) => at(i % whole.width, Math.floor(i / whole.width)))
const plain = samples(texture)
const holed = samples((x, y) => (hole(x, y) ? 9 : texture(x, y)))
const mask = samples((x, y) => (hole(x, y) ? 0 : 255))

function cut(from: Uint8Array, { x, y, width, height }: Window): Uint8Array {
  const part = new Uint8Array(width * height)
  for (let row = 0; row < height; row++) {
    const start = (y + row) * whole.width + x
    part.set(from.subarray(start, start + width), row * width)
  }
  return part
}

function blocksOf(facts: NorthUpFacts, plan: PlainPlan): PlainBlocks {
  const block = (part: PlainPart | null): PlainBlock | null =>
    part && {
      window: part.window,
      bands: [0, 1, 2].map(() => cut(facts.nodata === null ? plain : holed, part.window)),
      alpha: null,
      mask: facts.kernelMask === 'dataset' && part.kernel !== 'nearest' ? cut(mask, part.window) : null,
    }
  return { first: null, others: block(plan.others), mask: plan.mask && cut(mask, plan.mask.window) }
}

const text = (array: TypedArray | null) => array?.join(' ')

describe.each(Object.entries(files))('a file %s', (_, facts) => {
  test.each(resamplings)('read by %s in passes has the pixels of one read', async (resampling) => {
    for (const [where, grid] of Object.entries(grids)) {
      const target = readTarget(facts, null, null, grid)
      const plan = planRead(facts, target, grid, { nodata: null, resampling, reproject: 'nearest' })
      if (plan.kind !== 'plain') throw new Error('not plain')
      const most = 1_400_000
      const passes = plainPasses(plan, facts, most)!
      expect(passes.length).toBeGreaterThan(2)
      for (const { others } of passes) if (others) expect(others.window.width * others.window.height).toBeLessThan(most)
      const atOnce = await samplePlain(plan, facts, target, blocksOf(facts, plan), plan.grid)
      const inPasses = await samplePlainPasses(plan, passes, facts, target, async (pass) => blocksOf(facts, pass))
      expect(inPasses.bands.map(text), where).toEqual(atOnce.bands.map(text))
      expect(text(inPasses.mask)).toBe(text(atOnce.mask))
      expect(text(inPasses.covered)).toBe(text(atOnce.covered))
    }
  })
})
