import { bytesPerSample } from '../raster/data-type.ts'
import type { DatasetFacts } from './dataset-facts.ts'
import { MAX_WINDOW_BYTES, type ReadPlan, type ReadTarget } from './read-plan.ts'
import { isCopied } from './sample.ts'
import type { Window } from './source-window.ts'

/** A warp that needs something of the file. */
export type WarpRead = ReadPlan & { readonly kind: 'warp' }

/** Plans by their place in the list, and the window that holds what all of them need. */
export interface SharedWindow {
  readonly level: number
  readonly window: Window
  readonly members: readonly number[]
}

/** A window for many may be so much larger than theirs together; what lies between them is read for nobody. */
const MOST_WASTE = 1.25

/**
 * Which plans may be served by one read: same level, windows that fill the one around them. A tile's pixels must not depend on its
 * company, so only where samples are placed one by one, or where every sample counts fully: kernels weigh nodata and masks by what
 * their whole window holds.
 */
export function shareWindows(plans: readonly ReadPlan[], target: ReadTarget, facts: DatasetFacts): SharedWindow[] {
  const levels = Map.groupBy(
    plans.flatMap((plan, index) => (isShareable(plan, target, facts) ? [{ plan, index }] : [])),
    ({ plan }) => plan.level,
  )
  const bytes = facts.bands.reduce((sum, { dataType }) => sum + bytesPerSample(dataType), 0)
  const shared: SharedWindow[] = []
  for (const [level, members] of levels) {
    const window = members.map(({ plan }) => plan.window).reduce(around)
    const needed = members.reduce((sum, { plan }) => sum + area(plan.window), 0)
    if (members.length < 2 || area(window) > needed * MOST_WASTE || area(window) * bytes > MAX_WINDOW_BYTES) continue
    shared.push({ level, window, members: members.map(({ index }) => index) })
  }
  return shared
}

function isShareable(plan: ReadPlan, target: ReadTarget, facts: DatasetFacts): plan is WarpRead {
  return plan.kind === 'warp' && (isCopied(plan, { facts, target }) || (target.nodata === null && target.mask === null))
}

function area({ width, height }: Window): number {
  return width * height
}

function around(a: Window, b: Window): Window {
  const x = Math.min(a.x, b.x)
  const y = Math.min(a.y, b.y)
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  }
}
