import { caseId } from './matrix/case.ts'
import type { Outcome } from './outcome.ts'

/** Smallest share over the whole matrix. */
const SHARE_OF_ALL = 0.9999

interface Row {
  readonly group: string
  readonly cases: number
  readonly same: number
  readonly deviations: number
  readonly notOffered: number
  readonly different: number
  /** Percent of the pixels of `nearest` cases; null without any. */
  readonly identical: number | null
  /** Percent of the pixels of `smooth` cases; null without any. */
  readonly withinLevel: number | null
  readonly maskDiffers: number
}

export interface Report {
  readonly rows: readonly Row[]
  readonly total: Row
  /** Everything that is neither the same nor explained. */
  readonly different: readonly { readonly case: string; readonly detail: string }[]
  readonly deviations: Readonly<Record<string, number>>
  readonly passed: boolean
}

export function reportOf(outcomes: readonly Outcome[], strict: boolean): Report {
  const groups = [...new Set(outcomes.map((one) => one.case.group))]
  const total = rowOf('all', outcomes)
  const failed = outcomes.filter(({ verdict }) => verdict === 'different' || (strict && verdict === 'not offered'))
  const enough = [total.identical, total.withinLevel].every(
    (percent) => percent === null || percent >= 100 * SHARE_OF_ALL,
  )
  const explained = outcomes.filter(({ verdict }) => verdict === 'deviation')
  return {
    rows: groups.map((group) =>
      rowOf(
        group,
        outcomes.filter((one) => one.case.group === group),
      ),
    ),
    total,
    different: failed.map((one) => ({ case: caseId(one.case), detail: one.detail })),
    deviations: Object.fromEntries(
      [...Map.groupBy(explained, ({ detail }) => detail)].map(([name, all]) => [name, all.length]),
    ),
    passed: failed.length === 0 && enough,
  }
}

function rowOf(group: string, outcomes: readonly Outcome[]): Row {
  const count = (verdict: Outcome['verdict']) => outcomes.filter((one) => one.verdict === verdict).length
  const share = (comparison: string, pick: 'identical' | 'withinLevel') => {
    // What is explained is not measured.
    const measured = outcomes.flatMap((one) =>
      one.pixels && one.verdict !== 'deviation' && one.case.comparison === comparison ? [one.pixels] : [],
    )
    const pixels = measured.reduce((sum, one) => sum + one.pixels, 0)
    return pixels === 0 ? null : (100 * measured.reduce((sum, one) => sum + one[pick], 0)) / pixels
  }
  return {
    group,
    cases: outcomes.length,
    same: count('same'),
    deviations: count('deviation'),
    notOffered: count('not offered'),
    different: count('different'),
    identical: share('nearest', 'identical'),
    withinLevel: share('smooth', 'withinLevel'),
    maskDiffers: outcomes.reduce(
      (sum, one) => sum + (one.verdict === 'deviation' ? 0 : (one.pixels?.maskDiffers ?? 0)),
      0,
    ),
  }
}

/** The table for people. */
export function reportText({ rows, total, different, deviations }: Report): string {
  const head = [
    'group',
    'cases',
    'same',
    'explained',
    'not offered',
    'different',
    'identical %',
    'within 1 %',
    'mask px',
  ]
  const percent = (value: number | null) => (value === null ? '–' : value.toFixed(4))
  const cells = [...rows, total].map((row) => [
    row.group,
    ...[row.cases, row.same, row.deviations, row.notOffered, row.different].map(String),
    percent(row.identical),
    percent(row.withinLevel),
    String(row.maskDiffers),
  ])
  const widths = head.map((name, at) => Math.max(name.length, ...cells.map((row) => row[at]!.length)))
  const line = (row: readonly string[]) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  ')
  return [
    ...different.map((one) => `${one.case}\n    ${one.detail}`),
    ...Object.entries(deviations).map(([name, count]) => `${count} × ${name}`),
    '',
    line(head),
    ...cells.map(line),
  ].join('\n')
}
