import { type Case, type Comparison, type Query, queryText } from './case.ts'
import { type Sight, tileOf } from './tiles.ts'

export interface TileCase {
  readonly group: string
  readonly source: string
  readonly sight: Sight
  readonly query?: Query
  readonly comparison?: Comparison
  readonly tms?: string
  /** Such as `.png`; `.npy` unless told, which no encoder changes. */
  readonly extension?: string
  readonly item?: boolean
  /** Address in place of the sight's. */
  readonly tile?: string
}

/** A tile of a mosaic (or an item), `assets=image` unless told; named after all that is not usual. */
export function tileCase(one: TileCase): Case {
  const { group, source, sight, query = {}, tms = 'WebMercatorQuad', extension = '.npy', item = false } = one
  const kernels = [query.resampling, query.reproject].filter((kernel) => kernel != null)
  const sameEverywhere = ['nearest', 'mode', 'max', 'min', 'med', 'q1', 'q3']
  const smooth = kernels.some((kernel) => !sameEverywhere.includes(String(kernel)))
  return {
    group,
    name: [
      source,
      one.tile ?? sight,
      tms === 'WebMercatorQuad' ? '' : tms,
      extension === '.npy' ? '' : extension,
      named(query),
    ]
      .filter((part) => part !== '')
      .join(' '),
    source: { kind: item ? 'item' : 'search', name: source },
    path: `/tiles/${tms}/${one.tile ?? tileOf(source, sight, tms)}${extension}${queryText({ assets: 'image', ...query })}`,
    // Without an ending it may be a JPEG.
    comparison: one.comparison ?? (extension === '' ? 'lossy' : smooth ? 'smooth' : 'nearest'),
  }
}

/** Parameters for a name. */
export function named(query: Query): string {
  return Object.entries(query)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(' ') : value}`)
    .join('&')
}

export const warpKernels = [
  ...['nearest', 'bilinear', 'cubic', 'cubic_spline', 'lanczos', 'average', 'mode'],
  ...['max', 'min', 'med', 'q1', 'q3', 'sum', 'rms'],
] as const

export const readKernels = [
  ...['nearest', 'bilinear', 'cubic', 'cubic_spline', 'lanczos', 'average', 'mode', 'gauss', 'rms'],
] as const
