/**
 * Coordinate reference systems that proj4 is told about, as PROJ has them (EPSG registry v12). Those of the thirteen tile matrix sets, and
 * those that sets of one's own are commonly made for; any other is given as WKT or PROJJSON in the set's document.
 */

const polarStereographic = (south: boolean, rest: string) =>
  `+proj=stere +lat_0=${south ? -90 : 90} +x_0=0 +y_0=0 ${rest} +datum=WGS84`
const polarEqualArea = (lat: number, lon: number) => `+proj=laea +lat_0=${lat} +lon_0=${lon} +x_0=0 +y_0=0 +datum=WGS84`
const upsOrigin = '+k=0.994 +x_0=2000000 +y_0=2000000'

const definitions: Readonly<Record<number, string>> = {
  2056: '+proj=somerc +lat_0=46.95240555555556 +lon_0=7.439583333333333 +k_0=1 +x_0=2600000 +y_0=1200000 +ellps=bessel +towgs84=674.374,15.056,405.346',
  2154: '+proj=lcc +lat_0=46.5 +lon_0=3 +lat_1=49 +lat_2=44 +x_0=700000 +y_0=6600000 +ellps=GRS80',
  2193: '+proj=tmerc +lat_0=0 +lon_0=173 +k=0.9996 +x_0=1600000 +y_0=10000000 +ellps=GRS80',
  3006: '+proj=utm +zone=33 +ellps=GRS80',
  3031: polarStereographic(true, '+lat_ts=-71 +lon_0=0'),
  3034: '+proj=lcc +lat_0=52 +lon_0=10 +lat_1=35 +lat_2=65 +x_0=4000000 +y_0=2800000 +ellps=GRS80',
  3035: '+proj=laea +lat_0=52 +lon_0=10 +x_0=4321000 +y_0=3210000 +ellps=GRS80',
  3067: '+proj=utm +zone=35 +ellps=GRS80',
  3347: '+proj=lcc +lat_0=63.390675 +lon_0=-91.8666666666667 +lat_1=49 +lat_2=77 +x_0=6200000 +y_0=3000000 +ellps=GRS80',
  3395: '+proj=merc +lon_0=0 +k=1 +x_0=0 +y_0=0 +datum=WGS84',
  3413: polarStereographic(false, '+lat_ts=70 +lon_0=-45'),
  3571: polarEqualArea(90, 180),
  3572: polarEqualArea(90, -150),
  3573: polarEqualArea(90, -100),
  3574: polarEqualArea(90, -40),
  3575: polarEqualArea(90, 10),
  3576: polarEqualArea(90, 90),
  3577: '+proj=aea +lat_0=0 +lon_0=132 +lat_1=-18 +lat_2=-36 +x_0=0 +y_0=0 +ellps=GRS80',
  3832: '+proj=merc +lon_0=150 +k=1 +x_0=0 +y_0=0 +datum=WGS84',
  3976: polarStereographic(true, '+lat_ts=-70 +lon_0=0'),
  3978: '+proj=lcc +lat_0=49 +lon_0=-95 +lat_1=49 +lat_2=77 +x_0=0 +y_0=0 +ellps=GRS80',
  3979: '+proj=lcc +lat_0=49 +lon_0=-95 +lat_1=49 +lat_2=77 +x_0=0 +y_0=0 +ellps=GRS80',
  3995: polarStereographic(false, '+lat_ts=71 +lon_0=0'),
  3996: polarStereographic(false, '+lat_ts=75 +lon_0=0'),
  4087: '+proj=eqc +lat_ts=0 +lat_0=0 +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84',
  5041: polarStereographic(false, `+lon_0=0 ${upsOrigin}`),
  5042: polarStereographic(true, `+lon_0=0 ${upsOrigin}`),
  5070: '+proj=aea +lat_0=23 +lon_0=-96 +lat_1=29.5 +lat_2=45.5 +x_0=0 +y_0=0 +ellps=GRS80',
  5482: '+proj=stere +lat_0=-90 +lon_0=180 +k=0.994 +x_0=5000000 +y_0=1000000 +ellps=GRS80',
  5936: polarStereographic(false, `+lon_0=-150 ${upsOrigin}`),
  5938: polarStereographic(false, `+lon_0=-33 ${upsOrigin}`),
  6931: polarEqualArea(90, 0),
  6932: polarEqualArea(-90, 0),
  6933: '+proj=cea +lat_ts=30 +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84',
  8857: '+proj=eqearth +lon_0=0 +x_0=0 +y_0=0 +datum=WGS84',
  27700:
    '+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy +towgs84=446.448,-125.157,542.06,0.15,0.247,0.842,-20.489',
  28992:
    '+proj=sterea +lat_0=52.15616055555555 +lon_0=5.38763888888889 +k=0.9999079 +x_0=155000 +y_0=463000 +ellps=bessel +towgs84=565.2369,50.0087,465.658,-0.406857,0.350733,-1.87035,4.0812',
}

/** Geographic systems whose longitudes and latitudes are those of WGS 84 to within two metres. */
const geographic: ReadonlySet<number> = new Set([4167, 4171, 4258, 4269, 4283, 4326, 4617, 4619, 4764, 7844])

/** Codes whose first axis is the northing or latitude and abbreviated as morecantile looks for it: Y, N or Lat. */
const northingFirst: ReadonlySet<number> = new Set([...geographic, 2193, 3006, 3034, 3035, 5482])

/** `geographic`: x and y are longitude and latitude. Null for a code that is not in the table. */
export function definitionOf(epsg: number): { kind: 'geographic' } | { kind: 'projected'; proj: string } | null {
  if (geographic.has(epsg)) return { kind: 'geographic' }
  const proj = definitions[epsg] ?? utm(epsg)
  return proj === null ? null : { kind: 'projected', proj }
}

/** True when the system's own axes are northing, easting. Coordinates in this product are always easting, northing. */
export function isNorthingFirst(epsg: number): boolean {
  return northingFirst.has(epsg)
}

/** WGS 84 / UTM 326zz and 327zz, ETRS89 / UTM 258zz (zones 28 to 38), NAD83 / UTM 269zz (zones 1 to 23). */
function utm(epsg: number): string | null {
  const [series, zone] = [Math.floor(epsg / 100), epsg % 100]
  if (zone < 1 || zone > 60) return null
  if (series === 326) return `+proj=utm +zone=${zone} +datum=WGS84`
  if (series === 327) return `+proj=utm +zone=${zone} +south +datum=WGS84`
  if ((series === 258 && zone >= 28 && zone <= 38) || (series === 269 && zone <= 23)) {
    return `+proj=utm +zone=${zone} +ellps=GRS80`
  }
  return null
}
