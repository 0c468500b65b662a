import { join } from 'node:path'
import gdal from 'gdal-async'
import { writeJpegCog } from './cog.ts'
import { firstAccount, type SampleFile, type SampleSet } from './sample.ts'

/** NASA's picture of the Earth, cut into overlapping sheets as a mosaic would have them. */

const picture = { width: 4096, height: 2048 }
const columns = 4
const rows = 2
/** Pixels by which neighbours overlap. */
const overlap = 32
const pixelSize = 360 / picture.width
const datetime = '2004-07-01T00:00:00Z'

interface Sheet extends SampleFile {
  readonly window: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
}

const sheets: readonly Sheet[] = Array.from({ length: columns * rows }, (_, index) => {
  const column = index % columns
  const row = Math.floor(index / columns)
  const [x, width] = span(column, columns, picture.width)
  const [y, height] = span(row, rows, picture.height)
  const [west, north] = [-180 + x * pixelSize, 90 - y * pixelSize]
  const [east, south] = [west + width * pixelSize, north - height * pixelSize]
  const itemId = `blue-marble-${'NS'[row]}${column + 1}`
  return {
    itemId,
    file: `${itemId}.tif`,
    account: firstAccount,
    container: 'imagery',
    path: `blue-marble/${itemId}.tif`,
    hrefForm: 'vsiaz',
    datetime,
    ring: [
      [west, north],
      [west, south],
      [east, south],
      [east, north],
      [west, north],
    ],
    properties: {
      gsd: 9780,
      'proj:epsg': 4326,
      'proj:shape': [height, width],
      'proj:transform': [pixelSize, 0, west, 0, -pixelSize, north],
    },
    window: { x, y, width, height },
  }
})

/** Start and length of a sheet along one side of the picture. */
function span(index: number, count: number, size: number): [start: number, length: number] {
  const start = Math.max(0, (index * size) / count - overlap / 2)
  const end = Math.min(size, ((index + 1) * size) / count + overlap / 2)
  return [start, end - start]
}

const bands = [
  { name: 'red', common_name: 'red' },
  { name: 'green', common_name: 'green' },
  { name: 'blue', common_name: 'blue' },
]

export const blueMarble: SampleSet = {
  assetName: 'visual',
  asset: {
    type: 'image/tiff; application=geotiff; profile=cloud-optimized',
    title: 'True colour',
    roles: ['visual', 'data'],
    'eo:bands': bands,
  },
  files: sheets,
  collection: {
    id: 'blue-marble',
    type: 'Collection',
    stac_version: '1.0.0',
    stac_extensions: [
      'https://stac-extensions.github.io/item-assets/v1.0.0/schema.json',
      'https://stac-extensions.github.io/render/v2.0.0/schema.json',
    ],
    title: 'Blue Marble',
    description: 'The Earth in true colour at 10 km, in eight overlapping sheets. A sample collection.',
    keywords: ['Earth', 'true colour', 'sample'],
    license: 'proprietary',
    providers: [{ name: 'NASA Earth Observatory', roles: ['producer'], url: 'https://visibleearth.nasa.gov' }],
    extent: { spatial: { bbox: [[-180, -90, 180, 90]] }, temporal: { interval: [[datetime, datetime]] } },
    summaries: { gsd: [9780], 'eo:bands': bands },
    item_assets: {
      visual: {
        type: 'image/tiff; application=geotiff; profile=cloud-optimized',
        title: 'True colour',
        roles: ['visual', 'data'],
      },
    },
    renders: { visual: { title: 'True colour', assets: ['visual'], minmax_zoom: [0, 5] } },
    links: [],
  },
  search: { collections: ['blue-marble'] },
  metadata: {
    type: 'mosaic',
    name: 'Blue Marble',
    bounds: [-180, -85.0511, 180, 85.0511],
    minzoom: 0,
    maxzoom: 5,
    assets: ['visual'],
    defaults: { visual: { assets: ['visual'] } },
  },
}

/**
 * Cuts the picture into COGs in `folder`.
 * @param jpeg node_modules/three-globe/example/img/earth-blue-marble.jpg
 */
export async function makeBlueMarble(folder: string, jpeg: string): Promise<void> {
  const source = await gdal.openAsync(jpeg)
  const { x, y } = source.rasterSize
  if (x !== picture.width || y !== picture.height) throw new Error(`${jpeg} is ${x} × ${y} pixels, not 4096 × 2048.`)
  for (const { file, window, ring } of sheets) {
    const [west, north] = ring[0] as [number, number]
    await writeJpegCog(join(folder, file), source, window, { west, north, pixelSize })
  }
  source.close()
}
