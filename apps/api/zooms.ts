import { TilepressError } from '../../src/errors.ts'
import { lastZoom, type TileMatrixSet } from '../../src/tile/tile-matrix-set.ts'

/** The query's `minzoom` and `maxzoom`, in place of a mosaic's. Throws PARAMETER_INVALID for zooms the set does not have. */
export function zoomsOf(
  query: URLSearchParams,
  tms: TileMatrixSet,
): { readonly minzoom?: number; readonly maxzoom?: number } {
  const [minzoom, maxzoom] = [zoomOf(query, 'minzoom', tms), zoomOf(query, 'maxzoom', tms)]
  return { ...(minzoom !== null && { minzoom }), ...(maxzoom !== null && { maxzoom }) }
}

function zoomOf(query: URLSearchParams, name: string, tms: TileMatrixSet): number | null {
  const text = query.get(name)
  if (text === null) return null
  const [first, last] = [tms.minZoom, lastZoom(tms)]
  if (/^-?\d{1,2}$/.test(text) && Number(text) >= first && Number(text) <= last) return Number(text)
  throw new TilepressError('PARAMETER_INVALID', `parameter ${name} takes a whole number from ${first} to ${last}`)
}
