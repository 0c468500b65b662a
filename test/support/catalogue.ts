import type { Bounds } from '../../src/tile/bounds.ts'
import type { TestDatabase } from './services.ts'

export interface ItemSpec {
  readonly id: string
  readonly bbox: Bounds
  /** Asset name to href. */
  readonly assets: Readonly<Record<string, string>>
  /** Common names of an asset's bands. */
  readonly bands?: Readonly<Record<string, readonly string[]>>
  /** Newer items lie on top where the search does not sort. */
  readonly datetime?: string
  /** Other members of `properties`. */
  readonly properties?: Readonly<Record<string, unknown>>
  /** Other members of assets, by their names. */
  readonly assetMembers?: Readonly<Record<string, object>>
}

/** Puts a STAC collection and its items into pgSTAC. */
export async function createCollection(
  database: Pick<TestDatabase, 'query'>,
  id: string,
  items: readonly ItemSpec[],
  extra: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const collection = {
    type: 'Collection',
    stac_version: '1.0.0',
    id,
    description: id,
    license: 'proprietary',
    links: [],
    extent: { spatial: { bbox: [unionOf(items)] }, temporal: { interval: [['2024-01-01T00:00:00Z', null]] } },
    ...extra,
  }
  await database.query('SELECT create_collection($1::jsonb)', [JSON.stringify(collection)])
  await addItems(database, id, items)
}

export async function addItems(
  database: Pick<TestDatabase, 'query'>,
  collection: string,
  items: readonly ItemSpec[],
): Promise<void> {
  const datetime = '2024-06-01T00:00:00Z'
  const stac = items.map(({ id, bbox, assets, bands = {}, ...spec }) => ({
    type: 'Feature',
    stac_version: '1.0.0',
    id,
    collection,
    bbox,
    geometry: { type: 'Polygon', coordinates: [ringOf(bbox)] },
    properties: { datetime: spec.datetime ?? datetime, ...spec.properties },
    assets: Object.fromEntries(
      Object.entries(assets).map(([name, href]) => [
        name,
        { href, type: 'image/tiff', ...eoBands(bands[name]), ...spec.assetMembers?.[name] },
      ]),
    ),
    links: [],
  }))
  await database.query('SELECT create_items($1::jsonb)', [JSON.stringify(stac)])
}

/** The member of an asset, or of a collection's `item_assets`, that names its bands. */
export function eoBands(names: readonly string[] | undefined): object {
  return names ? { 'eo:bands': names.map((name, index) => ({ name: `B${index + 1}`, common_name: name })) } : {}
}

function ringOf([west, south, east, north]: Bounds): number[][] {
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ]
}

function unionOf(items: readonly ItemSpec[]): number[] {
  const corner = (index: 0 | 1 | 2 | 3, pick: (...values: number[]) => number) =>
    pick(...items.map((item) => item.bbox[index]))
  return items.length === 0
    ? [-180, -90, 180, 90]
    : [corner(0, Math.min), corner(1, Math.min), corner(2, Math.max), corner(3, Math.max)]
}
