import { invalid } from './query-values.ts'
import { type RenderParameters, reprojections } from './tile-request.ts'

/**
 * Parameters of titiler-pgstac that change pixels and are understood but not offered: some of their values, or any use of them. Ignoring
 * one would serve a wrong picture, so they are refused.
 */
export const notOffered: Readonly<Record<string, readonly string[] | ((render: RenderParameters) => boolean)>> = {
  reproject: reprojections.filter((kernel) => kernel !== 'nearest' && kernel !== 'bilinear'),
}

/** The values of a list that are offered. */
export function offered<T extends string>(name: string, values: readonly T[]): readonly T[] {
  const refused = notOffered[name]
  return Array.isArray(refused) ? values.filter((value) => !refused.includes(value)) : values
}

/** False for a parameter that is refused whatever its value. */
export function isOffered(name: string): boolean {
  // Parameters of no algorithm change nothing.
  return typeof notOffered[name === 'algorithm_params' ? 'algorithm' : name] !== 'function'
}

/** Throws PARAMETER_INVALID. */
export function refuseNotOffered(render: RenderParameters): void {
  for (const [name, refused] of Object.entries(notOffered)) {
    if (typeof refused === 'function' && refused(render)) throw invalid(name, 'is not supported by this server')
  }
}
