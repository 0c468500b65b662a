import type { StatisticsOptions } from '../statistics/band-statistics.ts'
import type { HistogramBins } from '../statistics/histogram.ts'
import { flag, invalid, parseInteger, parseNumber, whole } from './query-values.ts'

/** Bounds on what one answer may list. */
const MOST_CATEGORIES = 1_024
const MOST_PERCENTILES = 101
const MOST_BINS = 4_096

const FINEST_COVER = 1_000

/** `categorical`, `c`, `p`, `histogram_bins`, `histogram_range` with titiler's defaults. Throws PARAMETER_INVALID. */
export function parseStatisticsOptions(query: URLSearchParams): StatisticsOptions {
  const categorical = flag(query, 'categorical', false)
  return {
    categorical,
    // What is not looked at does not split the cache.
    categories: categorical ? parseCategories(query.getAll('c')) : [],
    percentiles: parsePercentiles(query.getAll('p')),
    bins: parseBins(query.get('histogram_bins'), parseRange(query.get('histogram_range'))),
  }
}

/** `cover_scale`: cells along a side of a pixel. Throws PARAMETER_INVALID. */
export function parseCoverScale(query: URLSearchParams): number {
  return whole(query, 'cover_scale', 10, 1, FINEST_COVER)
}

function parseCategories(values: readonly string[]): number[] {
  if (values.length > MOST_CATEGORIES) throw invalid('c', `may be given at most ${MOST_CATEGORIES} times`)
  return values.map((value) => {
    const category = parseNumber(value)
    if (category === null) throw invalid('c', 'takes a number')
    return category
  })
}

function parsePercentiles(values: readonly string[]): number[] {
  if (values.length > MOST_PERCENTILES) throw invalid('p', `may be given at most ${MOST_PERCENTILES} times`)
  if (values.length === 0) return [2, 98]
  return values.map((value) => {
    const percentile = parseInteger(value)
    if (percentile === null || percentile < 0 || percentile > 100)
      throw invalid('p', 'takes a whole number from 0 to 100')
    return percentile
  })
}

/** A number of bins, or their edges. */
function parseBins(text: string | null, range: readonly [number, number] | null): HistogramBins {
  const numbers = (text ?? '10').split(',').map(parseNumber)
  const [count] = numbers
  const edges = numbers.filter((edge) => edge !== null)
  if (edges.length < numbers.length || count == null || numbers.length > MOST_BINS)
    throw invalid('histogram_bins', 'takes a number of bins, or their edges parted by commas')
  if (edges.length === 1) {
    if (!Number.isInteger(count) || count < 1 || count > MOST_BINS)
      throw invalid('histogram_bins', `takes 1 to ${MOST_BINS} bins`)
    return { kind: 'count', count, range }
  }
  if (edges.some((edge, index) => index > 0 && edge < edges[index - 1]!))
    throw invalid('histogram_bins', 'takes edges in ascending order')
  return { kind: 'edges', edges }
}

function parseRange(text: string | null): readonly [number, number] | null {
  if (text === null) return null
  const [min, max, ...more] = text.split(',').map(parseNumber)
  if (min == null || max == null || more.length > 0 || min > max)
    throw invalid('histogram_range', 'takes the least and the greatest value, as histogram_range=0,100')
  return [min, max]
}
