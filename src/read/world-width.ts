import type { Crs } from '../tile/crs.ts'
import { transformPoint } from './point-transform.ts'
import { projectionBetween } from './projection.ts'
import { crsFacts, geographicBase } from './spatial-reference.ts'

/** Along x of a system in which the Earth comes again: its middle, and how far it is to the same place. */
export interface WorldWidth {
  readonly centre: number
  readonly width: number
}

/** Methods (WKT 1) whose x is longitude by a factor. */
const CYLINDRICAL = [
  'Mercator_1SP',
  'Mercator_2SP',
  'Equirectangular',
  'Cylindrical_Equal_Area',
  'Miller_Cylindrical',
  'Gall_Stereographic',
]

const known = new Map<Crs, WorldWidth | null>()
/** Of a mosaic's files and the tile matrix sets. */
const MAX_KNOWN = 256

/** Null for a system in which x isn't longitude. */
export function worldWidth(crs: Crs): WorldWidth | null {
  const before = known.get(crs)
  if (before !== undefined) return before
  if (known.size >= MAX_KNOWN) known.clear()
  const found = findWidth(crs)
  known.set(crs, found)
  return found
}

function findWidth(crs: Crs): WorldWidth | null {
  const { degrees, method, centralMeridian } = crsFacts(crs)
  if (degrees) return { centre: 0, width: 360 }
  if (method === null || !CYLINDRICAL.includes(method)) return null
  const fromLonLat = projectionBetween(geographicBase(crs), crs)?.toSource
  if (!fromLonLat) return null
  const [west, centre, east] = [-90, 0, 90].map(
    (lon) => transformPoint(fromLonLat, around(centralMeridian + lon), 0)[0],
  )
  const width = 2 * (east! - west!)
  return Number.isFinite(width) && width > 0 ? { centre: centre!, width } : null
}

function around(lon: number): number {
  return lon - 360 * Math.floor((lon + 180) / 360)
}
