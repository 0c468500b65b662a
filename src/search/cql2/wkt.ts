import type { TokenReader } from './token-reader.ts'

/** A geometry of GeoJSON. */
export type Geometry =
  | { readonly type: string; readonly coordinates: unknown }
  | { readonly type: 'GeometryCollection'; readonly geometries: readonly Geometry[] }

const shapes: Readonly<Record<string, readonly [type: string, depth: number]>> = {
  POINT: ['Point', 0],
  MULTIPOINT: ['MultiPoint', 1],
  LINESTRING: ['LineString', 1],
  MULTILINESTRING: ['MultiLineString', 2],
  POLYGON: ['Polygon', 2],
  MULTIPOLYGON: ['MultiPolygon', 3],
}

/** True when the keyword begins a geometry in well-known text. */
export function beginsGeometry(keyword: string): boolean {
  return Object.hasOwn(shapes, keyword) || keyword === 'GEOMETRYCOLLECTION'
}

/** A geometry in well-known text, as in `POLYGON((0 0, 1 0, 1 1, 0 0))`. */
export function parseGeometry(reader: TokenReader): Geometry {
  const shape = shapes[reader.keyword]
  reader.take()
  reader.accept('Z')
  if (shape === undefined)
    return { type: 'GeometryCollection', geometries: reader.list(() => reader.nested(() => parseGeometry(reader))) }
  const [type, depth] = shape
  if (depth === 0) return { type, coordinates: reader.list(() => parsePosition(reader))[0] }
  return { type, coordinates: parseCoordinates(reader, depth) }
}

function parseCoordinates(reader: TokenReader, depth: number): unknown[] {
  return reader.list(() => {
    if (depth > 1) return parseCoordinates(reader, depth - 1)
    // Points of a MULTIPOINT may have parentheses of their own.
    const enclosed = reader.accept('(')
    const position = parsePosition(reader)
    if (enclosed) reader.expect(')')
    return position
  })
}

function parsePosition(reader: TokenReader): number[] {
  const position = [parseNumber(reader), parseNumber(reader)]
  if (reader.keyword !== ',' && reader.keyword !== ')') position.push(parseNumber(reader))
  return position
}

/** A number with its sign. */
export function parseNumber(reader: TokenReader): number {
  const sign = reader.accept('-') ? -1 : 1
  const value = reader.next.kind === 'number' ? Number(reader.next.text) : Number.NaN
  if (!Number.isFinite(value)) throw reader.unexpected('a number')
  reader.take()
  return sign * value
}
