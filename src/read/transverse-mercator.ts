/** Ellipsoids by their semi-major axis (metres) and inverse flattening (EPSG 7030, 7019). */
const ellipsoids = {
  wgs84: [6378137, 298.257223563],
  grs80: [6378137, 298.257222101],
} as const

export type EllipsoidName = keyof typeof ellipsoids

const RADIANS = Math.PI / 180
const SCALE = 0.9996
const FALSE_EASTING = 500_000
const FALSE_NORTHING_SOUTH = 10_000_000
/** Half width, in units of the sphere, within which the series holds: PROJ's own bound (about 150 degrees). */
const MAX_NORMALISED_EASTING = 2.623395162778
/** Degrees that PROJ takes at all (pj_fwd): the poles with room for rounding, and 10 radians. */
const MAX_LATITUDE = 90 + 1e-8
const MAX_LONGITUDE = 10 / RADIANS

/** Order-6 series in the third flattening n (Engsager and Poder 2007; the coefficients of PROJ's `etmerc`). */
interface Series {
  /** Metres per unit of the sphere. */
  readonly unit: number
  /** Geographic to Gaussian latitude and back. */
  readonly toGaussian: Float64Array
  readonly fromGaussian: Float64Array
  /** Spherical to ellipsoidal northing and easting and back. */
  readonly toEllipsoidal: Float64Array
  readonly toSpherical: Float64Array
}

function seriesOf(name: EllipsoidName): Series {
  const [a, inverseFlattening] = ellipsoids[name]
  const f = 1 / inverseFlattening
  const n = f / (2 - f)
  const n2 = n * n
  /** Horner evaluation of n^power · (c0 + c1 n + c2 n² …). */
  const term = (power: number, ...c: number[]): number => n ** power * c.reduceRight((sum, value) => value + n * sum, 0)
  return {
    unit: ((a * SCALE) / (1 + n)) * (1 + n2 * (1 / 4 + n2 * (1 / 64 + n2 / 256))),
    toGaussian: Float64Array.of(
      term(1, -2, 2 / 3, 4 / 3, -82 / 45, 32 / 45, 4642 / 4725),
      term(2, 5 / 3, -16 / 15, -13 / 9, 904 / 315, -1522 / 945),
      term(3, -26 / 15, 34 / 21, 8 / 5, -12686 / 2835),
      term(4, 1237 / 630, -12 / 5, -24832 / 14175),
      term(5, -734 / 315, 109598 / 31185),
      term(6, 444337 / 155925),
    ),
    fromGaussian: Float64Array.of(
      term(1, 2, -2 / 3, -2, 116 / 45, 26 / 45, -2854 / 675),
      term(2, 7 / 3, -8 / 5, -227 / 45, 2704 / 315, 2323 / 945),
      term(3, 56 / 15, -136 / 35, -1262 / 105, 73814 / 2835),
      term(4, 4279 / 630, -332 / 35, -399572 / 14175),
      term(5, 4174 / 315, -144838 / 6237),
      term(6, 601676 / 22275),
    ),
    toEllipsoidal: Float64Array.of(
      term(1, 1 / 2, -2 / 3, 5 / 16, 41 / 180, -127 / 288, 7891 / 37800),
      term(2, 13 / 48, -3 / 5, 557 / 1440, 281 / 630, -1983433 / 1935360),
      term(3, 61 / 240, -103 / 140, 15061 / 26880, 167603 / 181440),
      term(4, 49561 / 161280, -179 / 168, 6601661 / 7257600),
      term(5, 34729 / 80640, -3418889 / 1995840),
      term(6, 212378941 / 319334400),
    ),
    toSpherical: Float64Array.of(
      term(1, -1 / 2, 2 / 3, -37 / 96, 1 / 360, 81 / 512, -96199 / 604800),
      term(2, -1 / 48, -1 / 15, 437 / 1440, -46 / 105, 1118711 / 3870720),
      term(3, -17 / 480, 37 / 840, 209 / 4480, -5569 / 90720),
      term(4, -4397 / 161280, 11 / 504, 830251 / 7257600),
      term(5, -4583 / 161280, 108847 / 3991680),
      term(6, -20648693 / 638668800),
    ),
  }
}

/** Sum of a sine series by Clenshaw's recurrence: latitude + Σ p[k] sin 2(k+1)·latitude. */
function shiftLatitude(p: Float64Array, latitude: number, cos2: number, sin2: number): number {
  let h = 0
  let h1 = p[5]!
  let h2 = 0
  for (let k = 4; k >= 0; k--) {
    h = -h2 + 2 * cos2 * h1 + p[k]!
    h2 = h1
    h1 = h
  }
  return latitude + h * sin2
}

/** Complex Clenshaw sum; writes its real and imaginary part to out[0] and out[1]. */
function complexSeries(p: Float64Array, sinR: number, cosR: number, sinhI: number, coshI: number, out: Float64Array) {
  const r = 2 * cosR * coshI
  const i = -2 * sinR * sinhI
  let hr = p[5]!
  let hr1 = 0
  let hi = 0
  let hi1 = 0
  for (let k = 4; k >= 0; k--) {
    const hr2 = hr1
    const hi2 = hi1
    hr1 = hr
    hi1 = hi
    hr = -hr2 + r * hr1 - i * hi1 + p[k]!
    hi = -hi2 + i * hr1 + r * hi1
  }
  const sinCosh = sinR * coshI
  const cosSinh = cosR * sinhI
  out[0] = sinCosh * hr - cosSinh * hi
  out[1] = sinCosh * hi + cosSinh * hr
}

/** One UTM zone. Both functions write x, y to out[0], out[1]; NaN where the projection has no answer. */
export class UtmZone {
  readonly #series: Series
  readonly #centralMeridian: number
  readonly #falseNorthing: number

  constructor(zone: number, north: boolean, ellipsoid: EllipsoidName) {
    this.#series = seriesOf(ellipsoid)
    this.#centralMeridian = zone * 6 - 183
    this.#falseNorthing = north ? 0 : FALSE_NORTHING_SOUTH
  }

  /** Degrees to metres. */
  fromLonLat(lon: number, lat: number, out: Float64Array): void {
    if (!(Math.abs(lat) <= MAX_LATITUDE && Math.abs(lon) <= MAX_LONGITUDE)) {
      out[0] = out[1] = Number.NaN
      return
    }
    const series = this.#series
    const phi = lat * RADIANS
    let lambda = (lon - this.#centralMeridian) * RADIANS
    if (lambda > Math.PI) lambda -= 2 * Math.PI
    else if (lambda < -Math.PI) lambda += 2 * Math.PI
    const gaussian = shiftLatitude(series.toGaussian, phi, Math.cos(2 * phi), Math.sin(2 * phi))
    const sinCn = Math.sin(gaussian)
    const cosCn = Math.cos(gaussian)
    const cosCnCosCe = cosCn * Math.cos(lambda)
    const northing = Math.atan2(sinCn, cosCnCosCe)
    const inverse = 1 / Math.sqrt(sinCn * sinCn + cosCnCosCe * cosCnCosCe)
    const tanCe = Math.sin(lambda) * cosCn * inverse
    const easting = Math.asinh(tanCe)
    const twice = 2 * inverse
    const square = twice * inverse
    const real = cosCnCosCe * square
    complexSeries(series.toEllipsoidal, sinCn * real, cosCnCosCe * real - 1, tanCe * twice, square - 1, out)
    const normalised = easting + out[1]!
    if (!(Math.abs(normalised) <= MAX_NORMALISED_EASTING)) {
      out[0] = out[1] = Number.NaN
      return
    }
    out[1] = series.unit * (northing + out[0]!) + this.#falseNorthing
    out[0] = series.unit * normalised + FALSE_EASTING
  }

  /** Metres to degrees. */
  toLonLat(x: number, y: number, out: Float64Array): void {
    const series = this.#series
    let northing = (y - this.#falseNorthing) / series.unit
    let easting = (x - FALSE_EASTING) / series.unit
    if (!(Math.abs(easting) <= MAX_NORMALISED_EASTING)) {
      out[0] = out[1] = Number.NaN
      return
    }
    complexSeries(
      series.toSpherical,
      Math.sin(2 * northing),
      Math.cos(2 * northing),
      Math.sinh(2 * easting),
      Math.cosh(2 * easting),
      out,
    )
    northing += out[0]!
    easting += out[1]!
    const sinCn = Math.sin(northing)
    const cosCn = Math.cos(northing)
    const sinhCe = Math.sinh(easting)
    const modulus = Math.sqrt(sinhCe * sinhCe + cosCn * cosCn)
    const latitude = Math.atan2(sinCn, modulus)
    const factor = (2 * modulus) / (sinhCe * sinhCe + 1)
    out[1] = shiftLatitude(series.fromGaussian, latitude, factor * modulus - 1, sinCn * factor) / RADIANS
    const lon = Math.atan2(sinhCe, cosCn) / RADIANS + this.#centralMeridian
    out[0] = Math.abs(lon) <= 180 ? lon : lon - 360 * Math.floor((lon + 180) / 360)
  }
}
