/** Relative difference up to which numbers count as equal. */
const TOLERANCE = 1e-6

export interface ValueDifference {
  /** Such as `properties.statistics.b1.mean`. */
  readonly path: string
  readonly theirs: unknown
  readonly ours: unknown
}

/** Where two JSON values differ: names, order of lists, texts exactly; numbers to 1e-6. A null may be left out. */
export function compareValues(theirs: unknown, ours: unknown, path = ''): ValueDifference[] {
  if (typeof theirs === 'number' && typeof ours === 'number') return near(theirs, ours) ? [] : [{ path, theirs, ours }]
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    if (theirs.length !== ours.length) return [{ path: `${path}.length`, theirs: theirs.length, ours: ours.length }]
    return theirs.flatMap((value, index) => compareValues(value, ours[index], `${path}[${index}]`))
  }
  if (isRecord(theirs) && isRecord(ours)) {
    const names = new Set([...Object.keys(theirs), ...Object.keys(ours)])
    return [...names].flatMap((name) => compareValues(theirs[name], ours[name], path === '' ? name : `${path}.${name}`))
  }
  return theirs === ours || (theirs == null && ours == null) ? [] : [{ path, theirs, ours }]
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE * Math.max(Math.abs(a), Math.abs(b))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
