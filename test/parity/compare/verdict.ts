import type { Answer } from '../answers/answer.ts'
import { decode, type Picture } from '../answers/image.ts'
import type { Case } from '../matrix/case.ts'
import { signalToNoise } from './likeness.ts'
import { comparePixels, type PixelDifference } from './pixels.ts'
import { compareValues } from './values.ts'

/** Smallest share of pixels of one case that must be identical (nearest) or within a level (smooth). */
const SHARE_OF_A_CASE = 0.999

/** Decibels between two encoders' losses on the same pixels: below it the pixels were others. */
const LEAST_LIKENESS = 30

export interface Comparison {
  /** Null when the answers are the same as far as the case asks. */
  readonly difference: string | null
  readonly pixels: PixelDifference | null
}

const same: Comparison = { difference: null, pixels: null }

/** Compares two answers as the case wants it. */
export async function compareAnswers(one: Case, theirs: Answer, ours: Answer): Promise<Comparison> {
  if (theirs.status !== ours.status) return different(`status ${theirs.status} here ${ours.status}: ${detailOf(ours)}`)
  if (theirs.status !== 200 || one.comparison === 'status') return same
  if (theirs.type !== ours.type) return different(`type ${theirs.type} here ${ours.type}`)
  if (one.comparison === 'json') return compareDocuments(theirs, ours)
  const header = one.instead ? null : headerDifference(theirs, ours)
  if (header !== null) return different(header)
  // Without an ending the server chooses: PNG loses nothing.
  const exact = one.comparison === 'lossy' && theirs.type === 'image/png'
  return comparePictures(exact ? { ...one, comparison: 'nearest' } : one, await decode(theirs), await decode(ours))
}

export function comparePictures(one: Case, theirs: Picture, ours: Picture): Comparison {
  const shape = ({ width, height, bands, dataType }: Picture) => `${bands.length}x${height}x${width} ${dataType}`
  if (shape(theirs) !== shape(ours)) return different(`shape ${shape(theirs)} here ${shape(ours)}`)
  const [tag] = compareValues(theirs.tags, ours.tags)
  if (tag) return different(`${tag.path} ${JSON.stringify(tag.theirs)} here ${JSON.stringify(tag.ours)}`)
  if (one.comparison === 'lossy') {
    const likeness = signalToNoise(theirs, ours, hasMask(one, theirs))
    return likeness >= LEAST_LIKENESS ? same : different(`${likeness.toFixed(1)} dB apart`)
  }
  const pixels = comparePixels(theirs, ours, hasMask(one, theirs))
  return { difference: pixelVerdict(one, pixels), pixels }
}

function pixelVerdict({ comparison }: Case, pixels: PixelDifference): string | null {
  const good = comparison === 'nearest' ? pixels.identical : pixels.withinLevel
  const complaints = [
    pixels.maskDiffers > 0 ? `mask differs at ${pixels.maskDiffers} pixels` : '',
    good < SHARE_OF_A_CASE * pixels.pixels
      ? `${((100 * good) / pixels.pixels).toFixed(3)} % ${comparison === 'nearest' ? 'identical' : 'within a level'} of ${pixels.pixels}`
      : '',
    comparison === 'smooth' && pixels.beyond8 > 0 ? `${pixels.beyond8} more than 8 levels apart` : '',
  ].filter((text) => text !== '')
  if (complaints.length === 0) return null
  return `${complaints.join(', ')}; largest ${pixels.largest.toPrecision(3)} levels`
}

/** Formats without a mask of their own apart, the last band is one unless the request left it out. */
export function hasMask({ path }: Case, { bands }: Picture): boolean {
  if (path.includes('return_mask=false')) return false
  return /\.(npy|tif)/.test(path) || bands.length === 2 || bands.length === 4
}

function compareDocuments(theirs: Answer, ours: Answer): Comparison {
  const differences = compareValues(parse(theirs), parse(ours))
  const [first] = differences
  if (!first) return same
  const both = `${JSON.stringify(first.theirs)?.slice(0, 200)} here ${JSON.stringify(first.ours)?.slice(0, 200)}`
  return different(`${first.path} ${both}${differences.length > 1 ? ` and ${differences.length - 1} more` : ''}`)
}

function parse({ body }: Answer): unknown {
  return body.length === 0 ? null : JSON.parse(body.toString())
}

function headerDifference(theirs: Answer, ours: Answer): string | null {
  if (theirs.headers['content-crs'] !== ours.headers['content-crs'])
    return `Content-Crs ${theirs.headers['content-crs']} here ${ours.headers['content-crs']}`
  const [theirBox, ourBox] = [theirs, ours].map(({ headers }) => headers['content-bbox']?.split(',').map(Number))
  if (sameBox(theirBox, ourBox)) return null
  return `Content-Bbox ${theirs.headers['content-bbox']} here ${ours.headers['content-bbox']}`
}

/** To a millionth of the box's width. */
function sameBox(a: readonly number[] | undefined, b: readonly number[] | undefined): boolean {
  if (!a || !b) return a === b
  const tolerance = 1e-6 * Math.abs(a[2]! - a[0]!)
  return a.length === b.length && a.every((side, at) => Math.abs(side - b[at]!) <= tolerance)
}

function different(difference: string): Comparison {
  return { difference, pixels: null }
}

/** The answer's own words when it is an error. */
function detailOf({ status, type, body }: Answer): string {
  return status >= 400 && type.includes('json') ? body.toString().slice(0, 200) : type
}
