import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tileBounds, tileLonLatBounds } from '../../src/tile/tile-matrix-set.ts'
import { documentOf } from '../../src/tile/tile-matrix-set-document.ts'
import { registerTileMatrixSetsOf } from '../../src/tile/tile-matrix-set-folder.ts'
import { tileMatrixSets } from '../../src/tile/tile-matrix-sets.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sets-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

let made = 0

/** A document under a name that no other test has; the registry is the process's. */
function write(document: object | string, id = `Set${++made}`): string {
  writeFileSync(join(folder, `${id}.json`), typeof document === 'string' ? document : JSON.stringify(document))
  return id
}

function matrices(count: number, cellSize: number, pointOfOrigin: readonly [number, number], more: object = {}) {
  return Array.from({ length: count }, (_, z) => ({
    id: String(z),
    scaleDenominator: (cellSize / 0.00028) * 2 ** -z,
    cellSize: cellSize * 2 ** -z,
    pointOfOrigin,
    tileWidth: 512,
    tileHeight: 512,
    matrixWidth: 2 ** z,
    matrixHeight: 2 ** z,
    ...more,
  }))
}

const swiss = {
  crs: 'http://www.opengis.net/def/crs/EPSG/0/2056',
  tileMatrices: matrices(3, 1_000, [2_400_000, 1_400_000]),
}

/** projinfo -o PROJJSON EPSG:3832, shortened. */
const pdcMercator = {
  type: 'ProjectedCRS',
  name: 'Pacific',
  base_crs: {
    type: 'GeographicCRS',
    name: 'WGS 84',
    datum: {
      type: 'GeodeticReferenceFrame',
      name: 'World Geodetic System 1984',
      ellipsoid: { name: 'WGS 84', semi_major_axis: 6378137, inverse_flattening: 298.257223563 },
    },
    coordinate_system: {
      subtype: 'ellipsoidal',
      axis: [
        { name: 'Geodetic latitude', abbreviation: 'Lat', direction: 'north', unit: 'degree' },
        { name: 'Geodetic longitude', abbreviation: 'Lon', direction: 'east', unit: 'degree' },
      ],
    },
  },
  conversion: {
    name: 'Mercator',
    method: { name: 'Mercator (variant A)', id: { authority: 'EPSG', code: 9804 } },
    parameters: [
      { name: 'Latitude of natural origin', value: 0, unit: 'degree' },
      { name: 'Longitude of natural origin', value: 150, unit: 'degree' },
      { name: 'Scale factor at natural origin', value: 1, unit: 'unity' },
      { name: 'False easting', value: 0, unit: 'metre' },
      { name: 'False northing', value: 0, unit: 'metre' },
    ],
  },
  coordinate_system: {
    subtype: 'Cartesian',
    axis: [
      { name: 'Easting', abbreviation: 'E', direction: 'east', unit: 'metre' },
      { name: 'Northing', abbreviation: 'N', direction: 'north', unit: 'metre' },
    ],
  },
}

describe('a folder of tile matrix sets', () => {
  test('is nothing when none is configured', () => {
    const before = tileMatrixSets.size
    registerTileMatrixSetsOf(undefined)
    expect(tileMatrixSets.size).toBe(before)
  })

  test('offers a set under the name of its file', () => {
    const id = write({ title: 'Switzerland', ...swiss })
    writeFileSync(join(folder, 'README.md'), 'not a set')
    registerTileMatrixSetsOf(folder)
    const tms = tileMatrixSets.get(id)!
    expect(tms).toMatchObject({ id, title: 'Switzerland', crs: 'EPSG:2056', minZoom: 0, maxZoom: 2 })
    expect(tms.levels[0]).toMatchObject({ tileSize: 512, cellSize: 1_000 })
    expect(tileBounds(tms, { z: 1, x: 1, y: 0 })).toEqual([2_656_000, 1_144_000, 2_912_000, 1_400_000])
    // Bern, the origin of LV95 (2600000, 1200000), is in the tile to the west of that.
    const [west, south, east, north] = tileLonLatBounds(tms, { z: 1, x: 0, y: 0 })!
    expect(west < 7.4386 && east > 7.4386 && south < 46.9511 && north > 46.9511).toBe(true)
    expect(documentOf(tms)).toMatchObject({
      crs: swiss.crs,
      tileMatrices: [{ id: '0', cornerOfOrigin: 'topLeft' }, {}, {}],
    })
  })

  test('takes a coordinate reference system as PROJJSON, over the antimeridian', () => {
    const half = 20037508.342789244
    const tileMatrices = matrices(2, (2 * half) / 512, [-half, half])
    const id = write({ crs: { wkt: pdcMercator }, tileMatrices })
    registerTileMatrixSetsOf(folder)
    const tms = tileMatrixSets.get(id)!
    expect(JSON.parse(tms.crs)).toEqual(pdcMercator)
    const [west, , east] = tileLonLatBounds(tms, { z: 1, x: 1, y: 0 })!
    expect([west, east]).toEqual([expect.closeTo(150, 6), expect.closeTo(-30, 6)])
  })

  test('counts rows from a bottom left origin northwards, whose position is in the order of the axes', () => {
    const more = { cornerOfOrigin: 'bottomLeft' }
    const id = write({ crs: 'EPSG:4326', tileMatrices: matrices(2, 0.1, [-10, 20], more) })
    const inverted = write({
      crs: 'EPSG:4326',
      orderedAxes: ['Lon', 'Lat'],
      tileMatrices: matrices(2, 0.1, [20, -10], more),
    })
    registerTileMatrixSetsOf(folder)
    for (const name of [id, inverted]) {
      const tms = tileMatrixSets.get(name)!
      expect(tileBounds(tms, { z: 1, x: 0, y: 1 })).toEqual([20, 15.600000000000001, 45.6, 41.2])
      expect(tms.bounds).toEqual([20, -10, 71.2, 41.2])
    }
  })

  test.each<[string, object | string, string]>([
    ['no JSON', '{', 'JSON'],
    ['a document of TMS 1.0', { supportedCRS: 'EPSG:3857', tileMatrix: [] }, 'version 1.0'],
    ['no matrices', { crs: 'EPSG:3857' }, 'tileMatrices'],
    ['tiles that are not square', { ...swiss, tileMatrices: matrices(1, 1, [0, 0], { tileHeight: 256 }) }, 'the same'],
    ['a gap in its zooms', { ...swiss, tileMatrices: matrices(3, 1, [0, 0]).toSpliced(1, 1) }, 'without a gap'],
    ['an unknown system', { ...swiss, crs: 'EPSG:99999' }, 'EPSG:99999 is not known'],
    ['a negative cell', { ...swiss, tileMatrices: matrices(1, -1, [0, 0]) }, 'scaleDenominator'],
    ['another id than its name', { id: 'Other', ...swiss }, 'file’s name'.replace('’', "'")],
  ])('with %s ends the start with the file’s name and the reason', (_, document, reason) => {
    const id = write(document)
    expect(() => registerTileMatrixSetsOf(folder)).toThrow(
      new RegExp(`^TILEMATRIXSET_DIRECTORY: ${id}\\.json: .*${reason}`),
    )
    expect(tileMatrixSets.has(id)).toBe(false)
  })

  test('may not replace a set', () => {
    write(swiss, 'WebMercatorQuad')
    expect(() => registerTileMatrixSetsOf(folder)).toThrow('there is a tile matrix set WebMercatorQuad already')
    expect(tileMatrixSets.get('WebMercatorQuad')!.crs).toBe('EPSG:3857')
  })

  test('that does not exist ends the start', () => {
    expect(() => registerTileMatrixSetsOf(join(folder, 'nowhere'))).toThrow(/no folder/)
  })
})
