import { hash } from '../../../apps/stack/samples/noise.ts'
import { files } from '../imagery/files.ts'
import type { Case, Query } from './case.ts'
import { readKernels, tileCase, warpKernels } from './tile-case.ts'
import { tileAt } from './tiles.ts'

/** Left out: decoders differ, or the reference fails. */
const unfit = /jpeg|ntimeridian|mosaic/

/** Zooms from the native one, from far out to deep in. */
const zooms = [-4, -3, -2, -1, 0, 0, 1, 1, 2, 4] as const

/** Requests by chance: any file, tile, kernels, bands and size. The same for the same seed. */
export function randomCases(count: number, seed: number): Case[] {
  const fit = files.filter(({ name }) => !unfit.test(name))
  return Array.from({ length: count }, (_, index) => {
    let drawn = 0
    const chance = () => hash(index, drawn++, seed)
    const one = <T>(values: readonly T[]): T => values[Math.floor(chance() * values.length)]!
    const file = one(fit)
    const tile = tileAt(file.place, one(zooms), [0.01 + chance() * 0.98, 0.01 + chance() * 0.98], 'WebMercatorQuad')
    const subset = chance() < 0.3 ? `image|bidx=${1 + Math.floor(chance() * file.bands)}` : 'image'
    const query: Query = {
      assets: subset,
      resampling: chance() < 0.4 ? 'nearest' : one(readKernels),
      reproject: chance() < 0.3 ? 'nearest' : one(warpKernels),
      tilesize: chance() < 0.7 ? null : one([128, 200, 512, 333]),
      buffer: chance() < 0.85 ? null : one([0.5, 1, 4]),
      padding: chance() < 0.85 ? null : one([1, 2, 5]),
    }
    return tileCase({ group: 'random', source: file.name, sight: 'native', tile, query })
  })
}
