import { invalid, parseNumber } from './query-values.ts'
import type { ColorOperation } from './tile-request.ts'

/** Operations of one formula; each passes over the whole image. */
const MOST_OPERATIONS = 16

/** Numbers an operation takes behind its bands; further ones are ignored. */
const operations: Readonly<Record<string, { readonly bands: boolean; readonly form: string }>> = {
  gamma: { bands: true, form: 'gamma RGB 1.5 (above 0)' },
  sigmoidal: { bands: true, form: 'sigmoidal RGB 15 0.35 (contrast, bias of 0 to 1)' },
  saturation: { bands: false, form: 'saturation 1.2' },
}

const bandNumbers: Readonly<Record<string, number>> = { r: 0, g: 1, b: 2, '1': 0, '2': 1, '3': 2 }

/**
 * `color_formula` in rio-color's notation (color_operations.parse_operations): commas are no more than decoration, one space parts the words.
 * What upstream lets through and fails at when it renders (gamma of 0, too few numbers) is refused here. Empty when there is none.
 */
export function parseColorFormula(text: string | null): ColorOperation[] {
  if (text === null) return []
  const words = text
    .replaceAll(',', '')
    .split(' ')
    .map((word) => word.trim().toLowerCase())
  const starts = words.flatMap((word, at) => (Object.hasOwn(operations, word) ? [at] : []))
  if (starts[0] !== 0) {
    const forms = Object.values(operations).map(({ form }) => form)
    throw invalid('color_formula', `is a list of ${forms.join(', ')}, with one space between words`)
  }
  if (starts.length > MOST_OPERATIONS) throw invalid('color_formula', `has at most ${MOST_OPERATIONS} operations`)
  return starts.map((start, nth) => parseOperation(words.slice(start, starts[nth + 1])))
}

function parseOperation([name = '', ...words]: readonly string[]): ColorOperation {
  const { bands: takesBands, form } = operations[name]!
  const bands = takesBands ? parseBands(words[0] ?? '') : []
  const numbers = (takesBands ? words.slice(1) : words).map(parseNumber)
  const [first = null, second = null] = numbers
  if (bands !== null && first !== null && !numbers.includes(null)) {
    if (name === 'saturation') return { kind: name, proportion: first }
    if (name === 'gamma' && first > 0) return { kind: name, bands, gamma: first }
    if (name === 'sigmoidal' && second !== null && second >= 0 && second <= 1)
      return { kind: name, bands, contrast: first, bias: second }
  }
  throw invalid('color_formula', `takes ${name} as ${form}`)
}

/** Letters or digits in any order, each once or more. */
function parseBands(text: string): number[] | null {
  const bands = [...new Set(text)].map((band) => bandNumbers[band] ?? null).filter((band) => band !== null)
  return bands.length > 0 && bands.length === new Set(text).size ? [...new Set(bands)].sort() : null
}
