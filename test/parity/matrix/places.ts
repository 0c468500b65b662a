import { places } from '../imagery/places.ts'
import type { Case } from './case.ts'
import { tileCase } from './tile-case.ts'
import { sights } from './tiles.ts'

const elsewhere = Object.keys(places).filter((name) => !['lonLat', 'mercator', 'utmNorth'].includes(name))

/** Files all over the Earth, rotated, with control points, over poles and antimeridian. */
export function placesCases(): Case[] {
  return elsewhere.flatMap((place, index) =>
    sights.flatMap((sight, turn) => {
      const kernel = ['nearest', 'bilinear', 'cubic', 'average', 'mode'][(index + turn) % 5]!
      const kernels = { resampling: kernel, reproject: kernel }
      return [
        tileCase({ group: 'places', source: `rgb.${place}`, sight }),
        tileCase({ group: 'places', source: `int16-nodata.${place}`, sight, query: kernels }),
      ].map((one) => (place.toLowerCase().endsWith('antimeridian') ? besideTwin(one) : one))
    }),
  )
}

/**
 * The reference loses files across the antimeridian (stac-utils/titiler-pgstac#231), so it is asked for a twin a quarter of
 * the Earth further west, whose tiles are a quarter of the matrix further left.
 */
function besideTwin(one: Case): Case {
  const path = one.path.replace(/(\d+)\/(\d+)\/(\d+)/, (_, z, x, y) => {
    const columns = 2 ** Number(z)
    return [z, (Number(x) - columns / 4 + columns) % columns, y].join('/')
  })
  return { ...one, instead: { source: { kind: 'search', name: `${one.source?.name}Twin` }, path } }
}

/** How a file is laid out: overviews, blocks, compression. */
export function layoutCases(): Case[] {
  const sources = [
    ...[
      'no-overviews',
      'no-overviews-nodata.utmNorth',
      'no-overviews.mercator',
      'odd-overviews',
      'odd-overviews.mercator',
    ],
    ...['sparse', 'sparse.mercator', 'striped', 'blocks-of-512', 'blocks-of-256'],
    ...['jpeg', 'jpeg-mask.utmNorth', 'jpeg.mercator', 'jpeg-gray', 'palette', 'palette.mercator'],
  ]
  return sources.flatMap((source, index) =>
    sights.flatMap((sight, turn) => {
      const kernel = ['bilinear', 'average', 'mode', 'cubic', 'lanczos'][(index + turn) % 5]!
      // Decoders of JPEG disagree on the chroma between its samples.
      const comparison = /^jpeg(?!-gray)/.test(source) ? { comparison: 'lossy' as const } : {}
      return [
        tileCase({ group: 'layout', source, sight, ...comparison }),
        tileCase({ group: 'layout', source, sight, query: { resampling: kernel, reproject: kernel }, ...comparison }),
      ]
    }),
  )
}
