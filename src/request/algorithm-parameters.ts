import { type AlgorithmEntry, type AlgorithmParameter, algorithmNames, algorithmTable } from './algorithm-table.ts'
import { parseJsonParameter } from './json-parameter.ts'
import { invalid, parseInteger, parseNumber } from './query-values.ts'
import type { AlgorithmCall } from './tile-request.ts'

/**
 * `algorithm` and `algorithm_params`, a JSON object. Members the algorithm does not know are ignored, as titiler does; with no algorithm
 * all of them are.
 */
export function parseAlgorithm(name: string | null, json: string | null): AlgorithmCall | null {
  const given = json === null || json === '' ? {} : parseJsonParameter('algorithm_params', json)
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw invalid('algorithm_params', 'takes a JSON object')
  if (name === null) return null
  const known = algorithmNames.find((each) => each === name)
  if (known === undefined) throw invalid('algorithm', `takes one of ${algorithmNames.join(', ')}`)
  const entry: AlgorithmEntry = algorithmTable[known]
  return {
    name: known,
    parameters: Object.fromEntries(
      Object.entries(entry.parameters).map(([key, parameter]) => [
        key,
        Object.hasOwn(given, key)
          ? parseValue(key, parameter, (given as Record<string, unknown>)[key])
          : parameter.default,
      ]),
    ),
  }
}

/** Numbers, and texts that are numbers, as pydantic takes them; null where it is the default. */
function parseValue(name: string, parameter: AlgorithmParameter, given: unknown): number | null {
  if (given === null && parameter.default === null) return null
  const { type, min, max } = parameter
  const number = typeof given === 'string' ? (type === 'integer' ? parseInteger(given) : parseNumber(given)) : given
  const fits = typeof number === 'number' && number >= min && number <= max
  if (fits && (type === 'number' || Number.isInteger(number))) return number
  const what = type === 'integer' ? 'a whole number' : 'a number'
  throw invalid('algorithm_params', `takes ${what} from ${min} to ${max} as ${name}`)
}
