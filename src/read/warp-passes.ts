import { levelSize, type PlacedFacts, type Size } from './dataset-facts.ts'
import { sourceReach } from './source-reach.ts'
import type { SourceWindow, Window } from './source-window.ts'
import { kernelRadius, type WarpPlan, type WarpUnit } from './warp-plan.ts'

/** A part of a warp and the source pixels it needs at once. */
export interface WarpPass {
  readonly unit: WarpUnit
  readonly window: Window
}

/** Source pixels around what a few rows reach: lines are straight between points of the outline only to within a pixel. */
const MARGIN = 4

/**
 * A warp in parts of which none needs more than `most` source pixels: unit by unit, and rows of a unit by themselves. Parts of a unit
 * keep its lines, window and scale, so that their pixels are what they are without. Null: even one row needs more.
 */
export function warpPasses(plan: WarpPlan, facts: PlacedFacts, most: number): WarpPass[] | null {
  const passes: WarpPass[] = []
  for (const { target, source } of plan.units) {
    if (source === null) continue
    if (!split(plan, levelSize(facts, plan.level), target, source, source.window, most, passes)) return null
  }
  return passes
}

function split(
  plan: WarpPlan,
  level: Size,
  target: Window,
  source: SourceWindow,
  window: Window,
  most: number,
  passes: WarpPass[],
): boolean {
  if (window.width * window.height <= most) {
    passes.push({ unit: { target, source }, window })
    return true
  }
  if (target.height < 2) return false
  const half = target.height >> 1
  const parts: readonly Window[] = [
    { ...target, height: half },
    { ...target, y: target.y + half, height: target.height - half },
  ]
  return parts.every((part) => {
    const needed = neededBy(plan, level, part, source)
    return needed === null || split(plan, level, part, source, needed, most, passes)
  })
}

function neededBy(plan: WarpPlan, level: Size, unit: Window, source: SourceWindow): Window | null {
  const reach = sourceReach({ unit, raster: plan.size, level, transforms: plan.transforms })
  if (reach === null) return null
  const x = span(reach.minX, reach.maxX, source.window.x, source.window.width, marginOf(plan, source.scaleX))
  const y = span(reach.minY, reach.maxY, source.window.y, source.window.height, marginOf(plan, source.scaleY))
  return x === null || y === null ? null : { x: x[0], y: y[0], width: x[1] - x[0], height: y[1] - y[0] }
}

function marginOf({ kernel }: WarpPlan, scale: number): number {
  return MARGIN + Math.ceil((kernelRadius[kernel] + 2) / Math.min(1, scale))
}

function span(min: number, max: number, start: number, size: number, margin: number): readonly [number, number] | null {
  const from = Math.max(start, Math.floor(min) - margin)
  const to = Math.min(start + size, Math.ceil(max) + margin)
  return from < to ? [from, to] : null
}
