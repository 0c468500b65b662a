import type { Answer } from '../answers/answer.ts'
import type { Case } from '../matrix/case.ts'
import type { PixelDifference } from './pixels.ts'
import { compareValues } from './values.ts'

/** A difference that is meant. */
export interface Deviation {
  /** Stands in docs/compatibility.md, word for word. */
  readonly name: string
  readonly applies: (one: Case, theirs: Answer, ours: Answer, pixels: PixelDifference | null) => boolean
}

/** Known and explained, one by one; the reasons are in docs/compatibility.md. */
export const deviations: readonly Deviation[] = [
  {
    name: 'Requests that are wrong',
    applies: (_, theirs, ours) => isMistake(theirs.status) && isMistake(ours.status) && ours.status < 500,
  },
  {
    name: 'A nodata value that samples cannot have',
    applies: ({ path }, theirs, ours) => path.includes('nodata=') && theirs.status === 500 && ours.status === 200,
  },
  {
    name: 'Truth values as an image',
    applies: (_, theirs, ours) => theirs.body.toString().includes("'bool'") && ours.status === 200,
  },
  {
    name: 'Spaces around the blocks of an expression',
    applies: ({ path }, theirs, ours) => path.includes('%3B+') && theirs.status === 400 && ours.status === 200,
  },
  {
    name: 'JPEG 2000',
    applies: ({ path }, theirs, ours) =>
      /\.jp2(\?|$)/.test(path) && theirs.status === 200 && ours.body.toString().includes('takes one of png'),
  },
  {
    name: 'Two bands as PNG or WebP',
    applies: (_, theirs, ours) => theirs.status === 200 && ours.body.toString().includes('this image has 2'),
  },
  {
    name: 'Last band of a single one',
    applies: ({ path }, theirs, ours) => path.includes('lastband') && theirs.status === 200 && ours.status === 422,
  },
  {
    name: 'Floating-point samples brought to 8 bits',
    applies: ({ path, source }, theirs) => {
      const brought = /^image\/(png|webp|jpe?g)$/.test(theirs.type) && !path.includes('rescale=')
      return brought && /float/.test(source?.name ?? '')
    },
  },
  {
    name: 'Points of files with alpha under `unscale`',
    applies: (_, theirs, ours) => theirs.body.toString().includes('for AlphaMask') && ours.status === 200,
  },
  {
    name: 'Tiles over a pole',
    applies: ({ path }, theirs, ours) => path.includes('/UPS') && theirs.status === 204 && ours.status === 200,
  },
  {
    name: 'Rotated files in their own system',
    applies: ({ path, source }) => {
      const own = /^\/(preview|statistics|asset_statistics)/.test(path) && !path.includes('dst_crs=')
      return source?.kind === 'item' && source.name === 'rgb.rotated' && own
    },
  },
  {
    name: 'One pixel of an outline',
    applies: (_, _theirs, _ours, pixels) =>
      pixels !== null && pixels.maskDiffers <= 2 && pixels.identical === pixels.pixels,
  },
  {
    name: 'Titles and descriptions',
    applies: ({ path }, theirs, ours) => {
      return /^\/(tileMatrixSets|algorithms)/.test(path) && differOnlyIn(/title|description|uri$/, theirs, ours)
    },
  },
  {
    name: 'Order of colormaps',
    applies: ({ path }, theirs, ours) => path === '/colorMaps' && theirs.status === ours.status,
  },
  {
    name: 'Descriptions of bands',
    applies: ({ source }, theirs, ours) => {
      return source?.name === 'described' && differOnlyIn(/description/, theirs, ours)
    },
  },
  {
    name: 'Templates in links of tile sets',
    applies: ({ path }, theirs, ours) => /\/tiles(\/\w+)?$/.test(path) && sameButBraces(theirs, ours),
  },
  {
    name: 'Members of TileJSON',
    applies: ({ path }, theirs, ours) =>
      path.includes('tilejson.json') && differOnlyIn(/^(tileSize|name)$/, theirs, ours),
  },
  {
    name: 'Bands in the TileJSON of files',
    applies: ({ path }, theirs, ours) =>
      /^\/assets\/.*tilejson\.json/.test(path) &&
      differOnlyIn(/^(tileSize|name|band_descriptions|data_type|minmax)/, theirs, ours),
  },
  {
    name: 'Zooms of items without the projection extension',
    applies: ({ path, source }, theirs, ours) => {
      const zooms =
        /tilejson\.json|\/tiles\/WebMercatorQuad$/.test(path) && /rotated|controlPoints|ownCrs/.test(source?.name ?? '')
      return zooms && differOnlyIn(/zoom$|center|tileMatrixSetLimits|name|tileSize|href$|templated$/, theirs, ours)
    },
  },
  {
    name: 'Zooms of items of several assets',
    applies: ({ path, source }, theirs, ours) => {
      const zooms = source?.name === 'assets' && /tilejson\.json|\/tiles\/WebMercatorQuad$/.test(path)
      return zooms && differOnlyIn(/zoom$|center|tileMatrixSetLimits|name|tileSize|href$|templated$/, theirs, ours)
    },
  },
  {
    name: 'Conformance classes',
    applies: ({ path }, theirs, ours) => path === '/conformance' && isPart(classesOf(ours), classesOf(theirs)),
  },
  {
    name: 'Driver of a file with control points',
    applies: ({ path }, theirs, ours) => path.startsWith('/info') && differOnlyIn(/\.driver$/, theirs, ours),
  },
]

function classesOf({ status, body }: Answer): readonly unknown[] {
  return status === 200 ? (JSON.parse(body.toString()).conformsTo as unknown[]) : []
}

function isPart(some: readonly unknown[], all: readonly unknown[]): boolean {
  return some.length > 0 && some.every((one) => all.includes(one))
}

function isMistake(status: number): boolean {
  return status >= 400 && status <= 500
}

/** Equal but for encoded braces, and for `templated` beside them. */
function sameButBraces(theirs: Answer, ours: Answer): boolean {
  const plain = theirs.body.toString().replaceAll('%7B', '{').replaceAll('%7D', '}')
  return differOnlyIn(/\.templated$/, { ...theirs, body: Buffer.from(plain) }, ours)
}

/** Two documents that are the same but for members whose path is of a pattern. */
function differOnlyIn(pattern: RegExp, theirs: Answer, ours: Answer): boolean {
  if (theirs.status !== 200 || ours.status !== 200 || !theirs.type.includes('json')) return false
  const [a, b] = [theirs, ours].map(({ body }) => JSON.parse(body.toString()))
  return compareValues(a, b).every(({ path }) => pattern.test(path))
}

/** The deviation that explains a difference, or null. */
export function explanationOf(one: Case, theirs: Answer, ours: Answer, pixels: PixelDifference | null): string | null {
  return deviations.find(({ applies }) => applies(one, theirs, ours, pixels))?.name ?? null
}

/** What Tilepress refuses and the reference does: not offered yet, rather than wrong. */
export function isNotOffered(theirs: Answer, ours: Answer): boolean {
  if (theirs.status !== 200) return false
  return (
    (ours.status === 422 && /not supported|takes one of|not offered/.test(ours.body.toString())) || isMissingRoute(ours)
  )
}

function isMissingRoute(ours: Answer): boolean {
  return ours.status === 404 && /ROUTE_NOT_FOUND|TILE_MATRIX_SET_NOT_FOUND/.test(ours.body.toString())
}
