import { describe, expect, test } from 'vitest'
import type { ReadPlan, ReadTarget } from '../../src/read/read-plan.ts'
import { pickedBy, sameSize } from '../../src/read/second-step.ts'
import { shareWindows, type WarpRead } from '../../src/read/shared-windows.ts'
import type { Window } from '../../src/read/source-window.ts'
import { factsOf } from '../support/dataset-facts.ts'

const facts = factsOf({ width: 20_000, height: 20_000, crs: 'EPSG:4326', geoTransform: [0, 0.001, 0, 0, 0, -0.001] })
const target: ReadTarget = { bands: [1], nodata: null, mask: null }

/** Nothing is moved: windows alone decide. */
const same = () => undefined

function warp(window: Window, change: Partial<WarpRead> = {}): WarpRead {
  const size = { width: 256, height: 256 }
  return {
    kind: 'warp',
    level: 0,
    size,
    units: [],
    transforms: { toSource: same, toTarget: same, checkedToSource: same, poles: [], separable: true },
    kernel: 'nearest',
    picked: pickedBy(sameSize(size), size),
    second: sameSize(size),
    window,
    passes: null,
    ...change,
  }
}

const at = (x: number, y: number, width = 100, height = 100): Window => ({ x, y, width, height })

describe('windows of one file', () => {
  test('that lie side by side are read as one', () => {
    const plans = [warp(at(0, 0)), warp(at(99, 0, 102)), warp(at(0, 100)), warp(at(100, 100))]
    expect(shareWindows(plans, target, facts)).toEqual([
      { level: 0, window: at(0, 0, 201, 200), members: [0, 1, 2, 3] },
    ])
  })

  test('are read apart where much between them is nobody’s', () => {
    expect(shareWindows([warp(at(0, 0)), warp(at(300, 0))], target, facts)).toEqual([])
    expect(shareWindows([warp(at(0, 0)), warp(at(100, 100))], target, facts)).toEqual([])
  })

  test('are read apart where together they are more than a read may hold', () => {
    const huge = [warp(at(0, 0, 6_000, 6_000)), warp(at(6_000, 0, 6_000, 6_000))]
    expect(shareWindows(huge, target, facts)).toEqual([])
  })

  test('of different overviews are read apart', () => {
    const plans = [warp(at(0, 0)), warp(at(0, 0), { level: 1 }), warp(at(100, 0)), warp(at(100, 0), { level: 1 })]
    expect(shareWindows(plans, target, facts)).toEqual([
      { level: 0, window: at(0, 0, 200, 100), members: [0, 2] },
      { level: 1, window: at(0, 0, 200, 100), members: [1, 3] },
    ])
  })

  test('of which one is for another way of reading, leave it out', () => {
    const outside: ReadPlan = { kind: 'outside' }
    expect(shareWindows([outside, warp(at(0, 0)), warp(at(100, 0)), { kind: 'gdal' }], target, facts)).toEqual([
      { level: 0, window: at(0, 0, 200, 100), members: [1, 2] },
    ])
    expect(shareWindows([outside, warp(at(0, 0))], target, facts)).toEqual([])
  })

  test('are read apart for kernels that weigh what is masked anywhere in the window', () => {
    const plans = [warp(at(0, 0), { kernel: 'bilinear' }), warp(at(100, 0), { kernel: 'bilinear' })]
    expect(shareWindows(plans, target, facts)).toHaveLength(1)
    expect(shareWindows(plans, { ...target, nodata: 0 }, facts)).toEqual([])
    expect(shareWindows(plans, { ...target, mask: { kind: 'dataset' } }, facts)).toEqual([])
  })
})
