import { InvalidArgumentError } from 'commander'

/** `west,south,east,north`; the server knows the limits. */
export function parseBbox(text: string): number[] {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  if (numbers.length === 4 && numbers.every(Number.isFinite)) return numbers
  throw new InvalidArgumentError('It takes west,south,east,north in degrees, as --bbox=-10,35,30,60.')
}

/** `3`, `0-8`, `0,3-5`. */
export function parseZooms(text: string): number[] {
  const zooms = new Set<number>()
  for (const part of text.split(',')) {
    const [, first, last = first] = /^\s*(\d{1,2})(?:\s*-\s*(\d{1,2}))?\s*$/.exec(part) ?? []
    if (first === undefined || Number(first) > Number(last)) {
      throw new InvalidArgumentError('It takes zooms as 3, 0-8 or 0,3-5.')
    }
    for (let zoom = Number(first); zoom <= Number(last); zoom++) zooms.add(zoom)
  }
  return [...zooms].sort((a, b) => a - b)
}

/** For an option that may be repeated; its values stay in order. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

/** `name=value`, repeated. */
export function collectParameter(text: string, before: readonly [string, string][] = []): [string, string][] {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('It takes name=value.')
  return [...before, [text.slice(0, at), text.slice(at + 1)]]
}

export function parseCount(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It takes a whole number from 1 to 9999.')
}

/** Options of `prerender start` that are parameters of a tile's URL, and their names there. */
const parameterNames = {
  assets: 'assets',
  rescale: 'rescale',
  colormapName: 'colormap_name',
  nodata: 'nodata',
  resampling: 'resampling',
  reproject: 'reproject',
  pixelSelection: 'pixel_selection',
  returnMask: 'return_mask',
  tilesize: 'tilesize',
} as const

export type ParameterOptions = Partial<Record<keyof typeof parameterNames, string | readonly string[]>> & {
  readonly param?: readonly [string, string][]
}

/** The tile URL's query that the options stand for: a name has all its values, in order. */
export function tileQuery(options: ParameterOptions): Record<string, string[]> {
  const query: Record<string, string[]> = {}
  for (const [option, name] of Object.entries(parameterNames)) {
    const given = options[option as keyof typeof parameterNames]
    if (given !== undefined) query[name] = [given].flat() as string[]
  }
  for (const [name, value] of options.param ?? []) query[name] = [...(query[name] ?? []), value]
  return query
}
