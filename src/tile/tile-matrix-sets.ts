import type { TileMatrixSet } from './tile-matrix-set.ts'

/** Radius of the sphere of EPSG:3857, metres. */
const RADIUS = 6378137
const HALF = 20037508.342789244

/** WebMercatorQuad (OGC 17-083r4 annex D.1): its cell sizes are the first one divided by 2^z, exactly, as in morecantile's table. */
const webMercatorQuad: TileMatrixSet = {
  id: 'WebMercatorQuad',
  title: 'Google Maps Compatible for the World',
  uri: 'http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad',
  crs: 'EPSG:3857',
  origin: [-HALF, HALF],
  matrices: Array.from({ length: 25 }, (_, z) => ({
    cellSize: 156543.03392804097 / 2 ** z,
    matrixWidth: 2 ** z,
    matrixHeight: 2 ** z,
  })),
  lonLatBounds: [-180, -85.0511287798066, 180, 85.0511287798066],
  toLonLat: (x, y) => [
    (x / RADIUS) * (180 / Math.PI),
    (Math.PI / 2 - 2 * Math.atan(Math.exp(-y / RADIUS))) * (180 / Math.PI),
  ],
  fromLonLat: (lon, lat) => [
    (lon * Math.PI * RADIUS) / 180,
    RADIUS * Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)),
  ],
}

/** The tile matrix sets on offer, by id. */
export const tileMatrixSets: ReadonlyMap<string, TileMatrixSet> = new Map([[webMercatorQuad.id, webMercatorQuad]])
