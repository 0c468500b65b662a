import type { TileHead } from '../cache/tile-cache.ts'
import { isOutdated, judgeAge, type LifeOf, lifeSpread, type Verdict } from '../freshness/tile-freshness.ts'
import { tilePlace } from '../freshness/tile-place.ts'
import type { TileSeries } from '../key/tile-key.ts'
import type { LayerGenerations } from '../queue/layer-generations.ts'
import type { TileRequest } from '../request/tile-request.ts'
import { tileMatrixSets } from '../tile/tile-matrix-sets.ts'

export interface JudgeParts {
  readonly generations: Pick<LayerGenerations, 'known'>
  readonly lifeOf: LifeOf
}

/** Whether a kept tile may be served, by its age and by what this process knows of its layer: no I/O. */
export function judgeTile(
  { generations, lifeOf }: JudgeParts,
  tile: Pick<TileHead, 'outcome' | 'renderedAt' | 'edition'>,
  series: TileSeries,
  { tile: address, render }: Pick<TileRequest, 'tile' | 'render'>,
): Verdict {
  const age = judgeAge(tile, lifeOf, lifeSpread(address), Date.now())
  if (age === 'expired' || (tile.edition ?? 0) >= (series.edition ?? 0)) return age
  const state = generations.known(series.layer)
  const tms = tileMatrixSets.get(series.tileMatrixSetId)
  if (!state || !tms) return age
  return isOutdated(tile, state, address.z, () => tilePlace(tms, address, render)) ? 'outdated' : age
}
