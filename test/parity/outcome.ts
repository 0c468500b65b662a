import type { PixelDifference } from './compare/pixels.ts'
import type { Case } from './matrix/case.ts'

/** What came of a case. `deviation`: differs as docs/compatibility.md says. */
export interface Outcome {
  readonly case: Case
  readonly verdict: 'same' | 'different' | 'deviation' | 'not offered'
  /** Why, for people; empty when the same. */
  readonly detail: string
  readonly pixels: Omit<PixelDifference, 'map'> | null
}
