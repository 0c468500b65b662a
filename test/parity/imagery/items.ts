import { join } from 'node:path'
import type { FileSpec, Place } from './file-spec.ts'
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
      stac_extensions: ['https://stac-extensions.github.io/projection/v2.0.0/schema.json'],
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
          ...projectionOf(spec.place),
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

/** The projection extension's members, where the place has a code and lies straight. */
function projectionOf({ crs, origin: [x, y], pixel, size: [width, height], skew, groundControlPoints }: Place): object {
  if (!crs.startsWith('EPSG:') || skew || groundControlPoints) return {}
  return {
    'proj:code': crs,
    'proj:shape': [height, width],
    'proj:transform': [pixel, 0, x, 0, -pixel, y, 0, 0, 1],
  }
}
