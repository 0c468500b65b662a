import { LRUCache } from 'lru-cache'
import proj4 from 'proj4'
import { type Crs, epsgCode } from './crs.ts'
import { definitionOf } from './crs-definitions.ts'

export type Coordinates = readonly [x: number, y: number]

/** A coordinate reference system's way to longitude and latitude in degrees and back; NaN where there is no answer. */
export interface LonLatTransform {
  readonly toLonLat: (x: number, y: number) => Coordinates
  readonly fromLonLat: (lon: number, lat: number) => Coordinates
  /** Longitude rises with x alone and latitude with y alone, so that two corners say all about a rectangle. */
  readonly separable: boolean
  /** Degrees by which the answer may be off, as the datum's shift to WGS 84 is not known to the metre. */
  readonly slack: number
}

/** Radius of the sphere of EPSG:3857, metres. */
const RADIUS = 6378137

const webMercator: LonLatTransform = {
  toLonLat: (x, y) => [
    (x / RADIUS) * (180 / Math.PI),
    (Math.PI / 2 - 2 * Math.atan(Math.exp(-y / RADIUS))) * (180 / Math.PI),
  ],
  fromLonLat: (lon, lat) => [
    (lon * Math.PI * RADIUS) / 180,
    RADIUS * Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)),
  ],
  separable: true,
  slack: 0,
}

const identity: LonLatTransform = {
  toLonLat: (x, y) => [x, y],
  fromLonLat: (lon, lat) => [lon, lat],
  separable: true,
  slack: 0,
}

/** Names come from configuration and from requests. */
const REMEMBERED = 256

const known = new LRUCache<Crs, { transform: LonLatTransform | null }>({ max: REMEMBERED })

/** The transform of a system, null for one that is neither in the table of codes nor WKT or PROJJSON that proj4 can work with. */
export function lonLatTransform(crs: Crs): LonLatTransform | null {
  const remembered = known.get(crs)
  if (remembered) return remembered.transform
  const transform = createTransform(crs)
  known.set(crs, { transform })
  return transform
}

function createTransform(crs: Crs): LonLatTransform | null {
  if (crs === 'OGC:CRS84') return identity
  if (crs === 'EPSG:3857') return webMercator
  const epsg = epsgCode(crs)
  if (epsg === null) return fromText(crs)
  const definition = definitionOf(epsg)
  if (definition === null) return null
  return definition.kind === 'geographic' ? identity : throughProj4(definition.proj, epsg === 3395)
}

/** WKT 1, WKT 2 or PROJJSON. */
function fromText(text: string): LonLatTransform | null {
  if (!/^\s*[{A-Za-z]/.test(text) || !/[[{]/.test(text)) return null
  try {
    return throughProj4(text.trimStart().startsWith('{') ? JSON.parse(text) : text, false)
  } catch {
    return null
  }
}

type Definition = ConstructorParameters<typeof proj4.Proj>[0]

/** Datums other than those that agree with WGS 84 lie up to a kilometre off, and programs differ in the shift they choose. */
const OTHER_DATUM = 0.01

function throughProj4(definition: Definition, separable: boolean): LonLatTransform {
  const projection = new proj4.Proj(definition)
  const converter = proj4(projection)
  const finite = (x: number, y: number) => Number.isFinite(x) && Number.isFinite(y)
  const guarded = (direction: 'forward' | 'inverse') => (x: number, y: number) => {
    if (!finite(x, y)) return nowhere
    try {
      const [a = Number.NaN, b = Number.NaN] = converter[direction]([x, y])
      return finite(a, b) ? ([a, b] as const) : nowhere
    } catch {
      return nowhere
    }
  }
  return {
    toLonLat: guarded('inverse'),
    fromLonLat: guarded('forward'),
    separable,
    slack: datumSlack(projection),
  }
}

const nowhere: Coordinates = [Number.NaN, Number.NaN]

/** The ellipsoids of WGS 84 and GRS 80 without a shift: NAD83, ETRS89, GDA, NZGD2000 … */
function datumSlack(projection: InstanceType<typeof proj4.Proj>): number {
  const { a, datum_params: shift } = projection as { a?: number; datum_params?: readonly number[] }
  const same = a !== undefined && Math.abs(a - RADIUS) < 2 && !shift?.some((part) => Number(part) !== 0)
  return same ? 0 : OTHER_DATUM
}
