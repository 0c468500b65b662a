import type { Bounds } from '../tile/bounds.ts'

/** What JSON calls an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A `bbox` member: four numbers, or six with heights in between (RFC 7946 §5); null for anything else. */
export function toBounds(bbox: unknown): Bounds | null {
  if (!Array.isArray(bbox) || !bbox.every((n): n is number => typeof n === 'number')) return null
  const [a, b, c, d, e, f] = bbox
  if (a === undefined || b === undefined || c === undefined || d === undefined) return null
  if (bbox.length === 4) return [a, b, c, d]
  return bbox.length === 6 && e !== undefined && f !== undefined ? [a, b, d, e] : null
}
