import { colormapNames } from './colormap-names.ts'
import { parseJsonParameter } from './json-parameter.ts'
import { invalid, parseInteger } from './query-values.ts'
import type { Colormap, Rgba } from './tile-request.ts'

const MOST_ENTRIES = 1_024

/**
 * `colormap_name`, which goes before `colormap`: JSON of colours by value, `{"1": "#ff0000", "2": [0, 255, 0, 128]}`, or by half-open interval,
 * `[[[0, 10], "#f00"], …]` (titiler's ColorMapParams, rio_tiler.colormap.parse_color). `{}` and `[]` are none.
 */
export function parseColormap(name: string | null, json: string | null): Colormap | null {
  if (name !== null) {
    if (colormapNames.has(name)) return { kind: 'named', name }
    throw invalid('colormap_name', `takes one of ${[...colormapNames].join(', ')}`)
  }
  if (json === null || json === '') return null
  const colormap = parseJsonParameter('colormap', json)
  if (typeof colormap !== 'object' || colormap === null) throw invalid('colormap', 'takes a JSON object or list')
  if (Object.keys(colormap).length > MOST_ENTRIES) throw invalid('colormap', `has at most ${MOST_ENTRIES} entries`)
  if (Object.keys(colormap).length === 0) return null
  return Array.isArray(colormap) ? parseIntervals(colormap) : parseValues(colormap)
}

function parseValues(colormap: object): Colormap {
  const colors = new Map<number, Rgba>()
  for (const [key, color] of Object.entries(colormap)) {
    const value = parseInteger(key)
    if (value === null) throw invalid('colormap', 'takes whole numbers as keys')
    colors.set(value, parseColor(color))
  }
  // A pixel has one value: their order decides nothing.
  return { kind: 'values', entries: [...colors].sort(([a], [b]) => a - b) }
}

function parseIntervals(colormap: readonly unknown[]): Colormap {
  return {
    kind: 'intervals',
    entries: colormap.map((entry) => {
      const [interval, color] = Array.isArray(entry) && entry.length === 2 ? entry : []
      const [min, max] = Array.isArray(interval) ? interval : []
      if (typeof min !== 'number' || typeof max !== 'number')
        throw invalid('colormap', 'takes a list of [[min, max], color]')
      return [min, max, parseColor(color)] as const
    }),
  }
}

/** `#RGB`, `#RGBA`, `#RRGGBB`, `#RRGGBBAA`, or three or four numbers; numbers are cut and wrapped to a byte, as numpy stores them. */
function parseColor(color: unknown): Rgba {
  const parts = typeof color === 'string' ? hexParts(color) : Array.isArray(color) ? color : []
  const [red, green, blue, alpha = 255] = parts
  if (parts.length <= 4 && [red, green, blue, alpha].every((part) => typeof part === 'number'))
    return [byte(red), byte(green), byte(blue), byte(alpha)]
  throw invalid('colormap', 'takes colors as #RGB, #RGBA, #RRGGBB, #RRGGBBAA or three or four numbers of 0 to 255')
}

function hexParts(color: string): number[] {
  const [, short, long] = /^#(?:([0-9a-f]{3,4})|([0-9a-f]{6}|[0-9a-f]{8}))$/i.exec(color) ?? []
  const digits = short?.replace(/./g, '$&$&') ?? long ?? ''
  return (digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))
}

function byte(value: number): number {
  return Math.abs(value) < 2 ** 31 ? value & 255 : 0
}
