import { transformBounds } from '../../read/coordinate-transform.ts'
import { fileInfo, fileZooms, requirePlace } from '../../read/file-info.ts'
import { findTileMatrixSet } from '../../request/parse-tile-request.ts'
import type { InfoQuery, ZoomsQuery } from '../../request/query-request.ts'
import type { SearchLimits } from '../../request/tile-request.ts'
import type { Item } from '../../search/item.ts'
import { type Bounds, splitAtAntimeridian } from '../../tile/bounds.ts'
import { hrefOf } from '../read-item.ts'
import type { Answer, QueryContext } from '../render-query.ts'
import { documentOf } from './document.ts'
import { inLanes } from './lanes.ts'

const WORLD: Bounds = [-180, -90, 180, 90]

/** A single item is found by its ids. */
const ONE: SearchLimits = { scanLimit: 1, itemsLimit: 1, timeLimitSeconds: 5, exitWhenFull: false, skipCovered: false }

/** What an item's files are, `{asset: info}`, of a file's layer its own; with `geojsonCrs` as properties of a feature. */
export async function answerInfo({ assets, geojsonCrs }: InfoQuery, context: QueryContext): Promise<Answer> {
  const { layer, reader, signal } = context
  const item = await itemOf(context)
  const files = await inLanes(assets, (asset) =>
    reader.inspect(
      hrefOf(item, asset),
      (dataset) => ({ info: fileInfo(dataset), place: requirePlace(dataset) }),
      signal,
    ),
  )
  const file = layer.kind === 'asset' ? files[0] : undefined
  const properties = file?.info ?? Object.fromEntries(files.map(({ info }, index) => [assets[index], info]))
  const whole = { items: 1, truncated: null }
  if (geojsonCrs === null) return { ...documentOf(properties), ...whole }
  const { crs, bounds } = file?.place ?? { crs: 'EPSG:4326', bounds: item.bbox }
  const bbox = transformBounds(crs, geojsonCrs, bounds) ?? WORLD
  const feature = { type: 'Feature', bbox, geometry: geometryOf(bbox), properties }
  return { ...documentOf(feature), contentType: 'application/geo+json', ...whole }
}

/** `{minzoom, maxzoom, bounds}` of a file in a tile matrix set, bounds in longitude and latitude. */
export async function answerZooms({ asset, tileMatrixSetId }: ZoomsQuery, context: QueryContext): Promise<Answer> {
  const tms = findTileMatrixSet(tileMatrixSetId)
  const item = await itemOf(context)
  const zooms = await context.reader.inspect(
    hrefOf(item, asset),
    (dataset) => {
      const { crs, bounds } = requirePlace(dataset)
      return { ...fileZooms(dataset, tms), bounds: transformBounds(crs, 'EPSG:4326', bounds) ?? WORLD }
    },
    context.signal,
  )
  return { ...documentOf(zooms), items: 1, truncated: null }
}

/** Of an item's or a file's layer. */
async function itemOf({ layer, search, signal }: QueryContext): Promise<Item> {
  const { items } = await search.itemsFor(layer, WORLD, ONE, signal)
  const [item] = items
  if (item) return item
  throw new RangeError('a mosaic is not one item')
}

/** A box; over the antimeridian (west > east) two. */
function geometryOf(bbox: Bounds) {
  const rings = splitAtAntimeridian(bbox).map(([west, south, east, north]) => [
    [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ],
  ])
  return rings.length === 1 ? { type: 'Polygon', coordinates: rings[0] } : { type: 'MultiPolygon', coordinates: rings }
}
