import { files } from './files.ts'

/** An item: assets by name, each a file's name. */
export interface ItemSpec {
  readonly id: string
  readonly assets: Readonly<Record<string, string>>
}

/** A mosaic: items in the search's order. */
export interface LayerSpec {
  readonly name: string
  readonly items: readonly string[]
}

const single = files.map(({ name }) => ({ id: name, assets: { image: name } }))

const several: readonly ItemSpec[] = [
  {
    id: 'assets',
    assets: { fine: 'asset-fine', usual: 'asset-usual', byte: 'asset-byte', float: 'asset-float' },
  },
  {
    id: 'assets.mercator',
    assets: { rgb: 'byte-mask.mercator', height: 'int16-nodata.mercator', image: 'uint16.mercator' },
  },
]

/** All items; a later one is older, so that a search gives them in this order. */
export const items: readonly ItemSpec[] = [...single, ...several]

const mosaic = (name: string, ...ids: string[]): LayerSpec => ({ name: `mosaic.${name}`, items: ids })
const quarters = (name: string) => [1, 2, 3, 4].map((index) => `mosaic-${name}-${index}`)

/** A layer for each item, and the mosaics. */
export const layers: readonly LayerSpec[] = [
  ...items.map(({ id }) => ({ name: id, items: [id] })),
  ...['byte', 'byte-mask', 'uint16', 'int16', 'float32'].map((name) => mosaic(name, ...quarters(name))),
  mosaic('types', 'mosaic-byte-1', 'mosaic-byte-mask-2', 'byte-alpha.lonLat'),
  mosaic('widening', 'mosaic-int16-1', 'mosaic-int16-2', 'int32-nodata.lonLat'),
  mosaic('places', 'byte-nodata.lonLat', 'byte-mask.mercator', 'byte-rgb.utmNorth'),
  mosaic('band-counts', 'mosaic-byte-1', 'mosaic-uint16-2'),
]
