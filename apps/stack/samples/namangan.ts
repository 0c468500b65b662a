import { join } from 'node:path'
import gdal from 'gdal-async'
import { writeCog } from './cog.ts'
import { drawLandscape } from './landscape.ts'
import { bboxOf, type SampleFile, type SampleSet } from './sample.ts'
import { footprint, type Scene, type Season, takeScene } from './scene.ts'

/** Scenes around the city of Namangan, Uzbekistan: the country is made up, the files are as a satellite's are. */

/** Namangan (71.67° E, 41.00° N) in UTM zone 42 N, metres. */
const city = { east: 724_560, north: 4_542_190 }
const epsg = 32642
const pixelSize = 10

const spring: Season = { crops: [0.15, 0.95, 0.55, 0.3], grass: 0.9, haze: 90 }
const summer: Season = { crops: [0.75, 0.2, 0.85, 0.6], grass: 0.35, haze: 140 }
const autumn: Season = { crops: [0.6, 0.1, 0.45, 0.75], grass: 0.2, haze: 60 }

interface Shot extends Scene {
  readonly account: SampleFile['account']
  readonly container: string
  readonly hrefForm: SampleFile['hrefForm']
}

/** Three passes of two scenes each. Places and accounts are mixed on purpose: a tile of this mosaic reads both accounts. */
const shots: readonly Shot[] = [
  shot('20240504-west', '2024-05-04T06:12:00Z', [-5900, -1500], spring, 0, 'tilepressa', 'imagery', 'https'),
  shot('20240504-east', '2024-05-04T06:12:00Z', [6300, 1100], spring, 0, 'tilepressb', 'scenes', 'https'),
  shot('20240713-south', '2024-07-13T06:14:00Z', [1200, -4400], summer, 0.34, 'tilepressb', 'scenes', 'https'),
  shot('20240713-north', '2024-07-13T06:14:00Z', [-1100, 5600], summer, 0.37, 'tilepressa', 'imagery', 'vsiaz'),
  shot('20240921-west', '2024-09-21T06:11:00Z', [-7600, 4300], autumn, 0, 'tilepressb', 'scenes', 'https'),
  shot('20240921-east', '2024-09-21T06:11:00Z', [8200, -4300], autumn, 0, 'tilepressa', 'imagery', 'vsiaz'),
]

function shot(
  id: string,
  datetime: string,
  centre: Scene['centre'],
  season: Season,
  cloud: number,
  account: Shot['account'],
  container: string,
  hrefForm: Shot['hrefForm'],
): Shot {
  return { id: `namangan-${id}`, datetime, centre, season, cloud, account, container, hrefForm }
}

const bands = [
  { name: 'red', common_name: 'red', center_wavelength: 0.665 },
  { name: 'green', common_name: 'green', center_wavelength: 0.56 },
  { name: 'blue', common_name: 'blue', center_wavelength: 0.49 },
  { name: 'nir', common_name: 'nir', center_wavelength: 0.842 },
]

const toLonLat = new gdal.CoordinateTransformation(
  gdal.SpatialReference.fromEPSG(epsg),
  gdal.SpatialReference.fromProj4('+proj=longlat +datum=WGS84'),
)

function fileOf(one: Shot): SampleFile {
  const corners = footprint(one).map(([east, north]): [number, number] => {
    const { x, y } = toLonLat.transformPoint(city.east + east, city.north + north)
    return [Number(x.toFixed(6)), Number(y.toFixed(6))]
  })
  return {
    itemId: one.id,
    file: `${one.id}.tif`,
    account: one.account,
    container: one.container,
    path: `namangan/${one.datetime.slice(0, 4)}/${one.id}.tif`,
    hrefForm: one.hrefForm,
    datetime: one.datetime,
    ring: [...corners, corners[0] as [number, number]],
    properties: {
      gsd: pixelSize,
      platform: 'made-up',
      instruments: ['noise'],
      'eo:cloud_cover': Math.round(one.cloud * 60),
      'proj:epsg': epsg,
    },
  }
}

const files = shots.map(fileOf)
const extent = bboxOf(files.flatMap(({ ring }) => ring))
const cog = 'image/tiff; application=geotiff; profile=cloud-optimized'
// Footprints tell nothing of clouds: what lies under one must be asked for too.
const throughClouds = { skipcovered: false, exitwhenfull: false }
const trueColour = { assets: ['image'], asset_bidx: ['image|1,2,3'], rescale: [[0, 3000]] }
const nearInfrared = { assets: ['image'], asset_bidx: ['image|4,1,2'], rescale: [[0, 5000]] }

export const namangan: SampleSet = {
  assetName: 'image',
  asset: { type: cog, title: 'Red, green, blue, near infrared', roles: ['data', 'reflectance'], 'eo:bands': bands },
  files,
  collection: {
    id: 'namangan-imagery',
    type: 'Collection',
    stac_version: '1.0.0',
    stac_extensions: [
      'https://stac-extensions.github.io/item-assets/v1.0.0/schema.json',
      'https://stac-extensions.github.io/render/v2.0.0/schema.json',
      'https://stac-extensions.github.io/eo/v1.1.0/schema.json',
    ],
    title: 'Namangan',
    description:
      'Made-up 10 m scenes around Namangan on three dates: reflectance × 10000 in four 16-bit bands, nodata 0 around them, clouds masked inside the files of July. A sample collection.',
    keywords: ['Namangan', 'Fergana Valley', 'multispectral', 'sample'],
    license: 'CC0-1.0',
    providers: [{ name: 'Tilepress', roles: ['producer'] }],
    extent: {
      spatial: { bbox: [extent] },
      temporal: { interval: [[shots[0]?.datetime ?? null, shots.at(-1)?.datetime ?? null]] },
    },
    summaries: { gsd: [pixelSize], 'eo:bands': bands, 'proj:epsg': [epsg] },
    item_assets: {
      image: { type: cog, title: 'Red, green, blue, near infrared', roles: ['data', 'reflectance'], 'eo:bands': bands },
    },
    renders: {
      true_color: { title: 'True colour', ...trueColour, minmax_zoom: [8, 14] },
      false_color: { title: 'Near infrared', ...nearInfrared, minmax_zoom: [8, 14] },
    },
    links: [],
  },
  search: { collections: ['namangan-imagery'], sortby: [{ field: 'datetime', direction: 'desc' }] },
  metadata: {
    type: 'mosaic',
    name: 'Namangan',
    bounds: extent,
    minzoom: 8,
    maxzoom: 14,
    assets: ['image'],
    defaults: {
      true_color: { ...trueColour, ...throughClouds },
      false_color: { ...nearInfrared, ...throughClouds },
    },
  },
}

/** Draws the country, takes the scenes and writes them as COGs to `folder`. */
export async function makeNamangan(folder: string): Promise<void> {
  // The scenes' squares reach 8.1 km from their centres.
  const landscape = drawLandscape(-16_200, 15_000, 3260, 2900, pixelSize)
  for (const one of shots) {
    const { size, bands: values, mask, corner } = takeScene(landscape, one)
    const masked = one.cloud > 0
    await writeCog(join(folder, `${one.id}.tif`), {
      width: size,
      height: size,
      bands: bands.map(({ name }, index) => ({ name, values: values[index] as Uint16Array })),
      // GDAL lets a nodata value win over a mask, so a file has one or the other.
      mask: masked ? mask : null,
      nodata: masked ? null : 0,
      epsg,
      corner: [city.east + corner[0], city.north + corner[1]],
      pixelSize,
    })
  }
}
