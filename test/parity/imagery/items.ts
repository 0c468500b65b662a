import { join } from 'node:path'
import type { FileSpec } from './file-spec.ts'
import { valueRanges } from './file-spec.ts'
import { files } from './files.ts'
import { footprintOf } from './footprint.ts'
import { type ItemSpec, items } from './layers.ts'

export const collection = {
  type: 'Collection',
  id: 'parity',
  title: 'parity',
  description: 'Files of every kind.',
  stac_version: '1.0.0',
  license: 'CC0-1.0',
  links: [],
  extent: { spatial: { bbox: [[-180, -90, 180, 90]] }, temporal: { interval: [['2000-01-01T00:00:00Z', null]] } },
}

const DAY_MS = 86_400_000
const newest = Date.UTC(2020, 0, 1)

const dataTypes = {
  Byte: 'uint8',
  UInt16: 'uint16',
  Int16: 'int16',
  UInt32: 'uint32',
  Int32: 'int32',
  Float32: 'float32',
  Float64: 'float64',
} as const

const commonNames = ['red', 'green', 'blue', 'nir']

/** STAC items of the files in `folder`, the first the newest. */
export function stacItems(folder: string): object[] {
  const byName = new Map(files.map((file) => [file.name, file]))
  return items.map((item, index) => {
    const [first] = Object.values(item.assets).map((name) => byName.get(name)!)
    return {
      type: 'Feature',
      stac_version: '1.0.0',
      id: item.id,
      collection: collection.id,
      ...footprintOf(first!.place),
      properties: { datetime: new Date(newest - index * DAY_MS).toISOString() },
      assets: assetsOf(item, byName, folder),
      links: [],
    }
  })
}

function assetsOf(item: ItemSpec, byName: ReadonlyMap<string, FileSpec>, folder: string): object {
  return Object.fromEntries(
    Object.entries(item.assets).map(([name, file]) => {
      const spec = byName.get(file)!
      const [minimum, maximum] = valueRanges[spec.type]
      const bands = Array.from({ length: spec.bands }, (_, index) => index)
      return [
        name,
        {
          href: join(folder, `${file}.tif`),
          type: 'image/tiff; application=geotiff; profile=cloud-optimized',
          roles: ['data'],
          'eo:bands': bands.map((index) => ({ name: `B${index + 1}`, common_name: commonNames[index] })),
          'raster:bands': bands.map(() => ({
            data_type: dataTypes[spec.type],
            statistics: { minimum, maximum },
          })),
        },
      ]
    }),
  )
}
