import gdal from 'gdal-async'
import type { Crs } from '../tile/crs.ts'
import type { PointTransform } from './point-transform.ts'
import { spatialReference } from './spatial-reference.ts'

/** Byte order, type and count before a line's points (OGC 06-103r4, well-known binary). */
const HEADER = 9
const LINE_STRING = 2
const LINE_STRING_Z = 1002
/** A point's number as its height, so small that no transformation between horizontal systems minds it. */
const HEIGHT = 1e-9

/**
 * GDAL's transformation between two systems. The binding transforms single points (3 µs each) and geometries: a line string, in and
 * out as well-known binary, takes 0.3 µs a point. Throws what GDAL throws when there is no transformation.
 */
export function gdalTransform(from: Crs, to: Crs): PointTransform {
  const transformation = new gdal.CoordinateTransformation(spatialReference(from), spatialReference(to))
  keepPartOfLines()
  const flat = new LineBuffer(2)
  const numbered = new LineBuffer(3)
  return (xs, ys, count) => {
    const places = finitePlaces(xs, ys, count)
    if (places.length === 0) return
    const all = flat.transform(transformation, places, xs, ys)
    if (all === places.length) flat.read(places, xs, ys)
    else {
      // Points without an answer are missing from the line: their numbers tell which.
      const some = all === 0 ? 0 : numbered.transform(transformation, places, xs, ys)
      numbered.readNumbered(some, places, xs, ys)
    }
  }
}

let partial = false

/** GDAL else refuses a whole line for one point without an answer. */
function keepPartOfLines(): void {
  if (partial) return
  gdal.config.set('OGR_ENABLE_PARTIAL_REPROJECTION', 'YES')
  partial = true
}

/** Indices of points that are points; the others become NaN in both coordinates. */
function finitePlaces(xs: Float64Array, ys: Float64Array, count: number): Int32Array {
  const places = new Int32Array(count)
  let found = 0
  for (let i = 0; i < count; i++) {
    if (Number.isFinite(xs[i]!) && Number.isFinite(ys[i]!)) places[found++] = i
    else xs[i] = ys[i] = Number.NaN
  }
  return places.subarray(0, found)
}

/** Points as a line string's bytes and back, in memory that is used again. */
class LineBuffer {
  readonly #dimensions: 2 | 3
  #points = new Float64Array(0)
  #bytes = Buffer.alloc(0)

  constructor(dimensions: 2 | 3) {
    this.#dimensions = dimensions
  }

  /** How many points came back; they stay in here. */
  transform(
    transformation: gdal.CoordinateTransformation,
    places: Int32Array,
    xs: Float64Array,
    ys: Float64Array,
  ): number {
    const geometry = gdal.Geometry.fromWKB(this.#write(places, xs, ys))
    try {
      geometry.transform(transformation)
    } catch {
      // No point has an answer.
      return 0
    }
    const bytes = geometry.toWKB('LSB')
    const count = bytes.readUInt32LE(5)
    new Uint8Array(this.#points.buffer).set(bytes.subarray(HEADER, HEADER + count * this.#dimensions * 8))
    return Math.min(count, places.length)
  }

  read(places: Int32Array, xs: Float64Array, ys: Float64Array): void {
    for (let i = 0; i < places.length; i++) this.#store(i * this.#dimensions, places[i]!, xs, ys)
  }

  readNumbered(count: number, places: Int32Array, xs: Float64Array, ys: Float64Array): void {
    for (const place of places) xs[place] = ys[place] = Number.NaN
    for (let i = 0; i < count; i++) {
      const number = Math.round(this.#points[3 * i + 2]! / HEIGHT)
      const place = places[number]
      if (place !== undefined) this.#store(3 * i, place, xs, ys)
    }
  }

  #store(at: number, place: number, xs: Float64Array, ys: Float64Array): void {
    const x = this.#points[at]!
    const y = this.#points[at + 1]!
    const known = Number.isFinite(x) && Number.isFinite(y)
    xs[place] = known ? x : Number.NaN
    ys[place] = known ? y : Number.NaN
  }

  /** A line of one point is none: it is written twice. */
  #write(places: Int32Array, xs: Float64Array, ys: Float64Array): Buffer {
    const dimensions = this.#dimensions
    const count = Math.max(2, places.length)
    this.#reserve(count)
    for (let i = 0, at = 0; i < count; i++, at += dimensions) {
      const number = Math.min(i, places.length - 1)
      const place = places[number]!
      this.#points[at] = xs[place]!
      this.#points[at + 1] = ys[place]!
      if (dimensions === 3) this.#points[at + 2] = number * HEIGHT
    }
    const size = count * dimensions * 8
    this.#bytes.writeUInt32LE(count, 5)
    this.#bytes.set(new Uint8Array(this.#points.buffer, 0, size), HEADER)
    return this.#bytes.subarray(0, HEADER + size)
  }

  #reserve(count: number): void {
    const numbers = count * this.#dimensions
    if (this.#points.length >= numbers) return
    const size = 2 ** Math.ceil(Math.log2(numbers))
    this.#points = new Float64Array(size)
    this.#bytes = Buffer.alloc(HEADER + size * 8)
    this.#bytes.writeUInt8(1, 0)
    this.#bytes.writeUInt32LE(this.#dimensions === 2 ? LINE_STRING : LINE_STRING_Z, 1)
  }
}
