import { createCollection } from './catalogue.ts'
import { makeCog } from './cogs.ts'
import { createContainer, type TestDatabase } from './services.ts'

/**
 * A collection of two overlapping items, one in each storage account, with values that a test can tell apart:
 *
 *     lon  0        3        6       12
 *          |  west  | overlap | east  |      lat −1 … 12, all within tile 5/16/15 (0 … 11.25 by 0 … 11.18)
 *
 * `west` is the newer one, hence on top. Assets: `rgb` (three bands of 8 bits), `dn` (16 bits, nodata 0; in `west` the rows north
 * of latitude 5.5 are nodata), `far` (only `west` has it).
 */
export async function createTwoAccounts(database: Pick<TestDatabase, 'query'>, collection: string): Promise<void> {
  const [west, east] = await Promise.all([createContainer('tilepressa'), createContainer('tilepressb')])
  const westBounds = [-1, -1, 6, 12] as const
  const eastBounds = [3, -1, 12, 12] as const
  const northIsNodata = (_: number, row: number) => (row < 32 ? 0 : 1500)
  await Promise.all([
    west.upload('rgb.tif', makeCog({ bounds: westBounds, bands: [10, 20, 30] })),
    west.upload('dn.tif', makeCog({ bounds: westBounds, bands: [northIsNodata], type: 'UInt16', nodata: 0 })),
    east.upload('a%20folder/rgb.tif', makeCog({ bounds: eastBounds, bands: [110, 120, 130] })),
    east.upload('dn.tif', makeCog({ bounds: eastBounds, bands: [3000], type: 'UInt16', nodata: 0 })),
  ])
  await createCollection(database, collection, [
    {
      id: 'west',
      bbox: westBounds,
      datetime: '2024-07-01T00:00:00Z',
      // Both forms that catalogues have; the second is of the default account.
      assets: { rgb: west.href('rgb.tif'), dn: `/vsiaz/${west.name}/dn.tif`, far: west.href('rgb.tif') },
    },
    {
      id: 'east',
      bbox: eastBounds,
      datetime: '2024-06-01T00:00:00Z',
      assets: { rgb: east.href('a%20folder/rgb.tif'), dn: east.href('dn.tif') },
    },
  ])
}

/** Columns of tile 5/16/15 (256 pixels) where only the one item is, both are, only the other is. */
export const column = { west: 34, overlap: 102, east: 205 } as const

/** A row of that tile in latitudes without `west`'s nodata rows, and one in them. */
export const row = { south: 200, north: 40 } as const
