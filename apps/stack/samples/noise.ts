/** Seeded noise: the same numbers on every run, so that the sample imagery is, too. */

/** A number in [0, 1) for a lattice point. */
export function hash(x: number, y: number, seed: number): number {
  let mixed = Math.imul(x, 374761393) ^ Math.imul(y, 668265263) ^ Math.imul(seed, 1442695041)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 2246822519)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 3266489917)
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 4294967296
}

/** Smooth noise in [0, 1), one bump per unit. */
export function noise(x: number, y: number, seed: number): number {
  const column = Math.floor(x)
  const row = Math.floor(y)
  const u = smooth(x - column)
  const v = smooth(y - row)
  const top = mix(hash(column, row, seed), hash(column + 1, row, seed), u)
  const bottom = mix(hash(column, row + 1, seed), hash(column + 1, row + 1, seed), u)
  return mix(top, bottom, v)
}

/** Turns each octave against the last (by 37°), or the lattice shows through as a weave. */
const turnCos = 0.8 * 2
const turnSin = 0.6 * 2

/** Noise with `octaves` of ever finer detail, in [0, 1). */
export function fractal(x: number, y: number, seed: number, octaves: number): number {
  let sum = 0
  let total = 0
  for (let octave = 0, weight = 1; octave < octaves; octave++, weight /= 2) {
    sum += weight * noise(x, y, seed + octave)
    total += weight
    const turned = x * turnCos - y * turnSin
    y = x * turnSin + y * turnCos
    x = turned
  }
  return sum / total
}

/** Fractal noise folded at its middle: crests and valleys. In [0, 1]. */
export function ridges(x: number, y: number, seed: number, octaves: number): number {
  let sum = 0
  let total = 0
  for (let octave = 0, weight = 1; octave < octaves; octave++, weight *= 0.46) {
    const crest = 1 - Math.abs(2 * noise(x, y, seed + octave) - 1)
    sum += weight * crest * crest
    total += weight
    const turned = x * turnCos - y * turnSin
    y = x * turnSin + y * turnCos
    x = turned
  }
  return sum / total
}

/** 0 below `from`, 1 above `to`, smooth in between. */
export function ramp(value: number, from: number, to: number): number {
  return smooth(Math.min(1, Math.max(0, (value - from) / (to - from))))
}

export function mix(a: number, b: number, share: number): number {
  return a + (b - a) * share
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t)
}
