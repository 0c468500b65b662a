import type { Grid } from '../../src/read/reader.ts'
import { tileBounds } from '../../src/tile/tile-matrix-set.ts'
import { tileMatrixSets } from '../../src/tile/tile-matrix-sets.ts'

/** The grid of a Web Mercator tile. */
export function tileGrid(z: number, x: number, y: number, size = 256): Grid {
  const tms = tileMatrixSets.get('WebMercatorQuad')!
  return { crs: 'EPSG:3857', bounds: tileBounds(tms, { z, x, y }), width: size, height: size }
}
