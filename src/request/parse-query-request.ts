import type { TileRequestParser } from './parse-tile-request.ts'
import { parseCrs, parsePosition, WGS84 } from './place.ts'
import type { PointQuery } from './query-request.ts'

/** The door for queries: raw path segments, query string and body in, a query that cannot be wrong out. */
export class QueryParser {
  readonly #parser: TileRequestParser

  /** It shares the tile parser's memory of parameters. */
  constructor(parser: TileRequestParser) {
    this.#parser = parser
  }

  /** `position` is `lon,lat`. Throws PARAMETER_INVALID. */
  point(position: string, querystring: string): PointQuery {
    const [x, y] = parsePosition(position)
    const crs = new URLSearchParams(querystring).get('coord_crs')
    const render = this.#parser.parseRender(querystring)
    return { kind: 'point', x, y, crs: crs === null ? WGS84 : parseCrs('coord_crs', crs), render }
  }
}
