import type { Run, RunSummary } from '../../src/prerender/run-resource.ts'

/** `12 345/98 000 tiles  12.6 %  310/s  eta 4m 12s  3 failed` */
export function progressText({ tiles, percent, tiles_per_second, eta_seconds }: RunSummary): string {
  const parts = [`${grouped(tiles.done)}/${grouped(tiles.total)} tiles`, `${percent} %`, `${tiles_per_second}/s`]
  if (eta_seconds !== null) parts.push(`eta ${duration(eta_seconds)}`)
  if (tiles.failed > 0) parts.push(`${grouped(tiles.failed)} failed`)
  return parts.join('  ')
}

/** All that is known of a run, a line each. */
export function runText(run: Run): string {
  const { tiles, layer } = run
  const rows = [
    ['run', run.id],
    ['state', run.state],
    ['layer', `${layer.kind} ${layer.id}`],
    ['bbox', run.bbox.join(',')],
    ['zooms', zoomsText(run.zooms)],
    ['tiles', `${grouped(tiles.done)} of ${grouped(tiles.total)}, ${run.percent} %`],
    [
      '',
      `${grouped(tiles.rendered)} rendered, ${grouped(tiles.empty)} empty, ${grouped(tiles.present)} were there, ${grouped(tiles.failed)} failed`,
    ],
    ['rate', `${run.tiles_per_second}/s${run.eta_seconds === null ? '' : `, ${duration(run.eta_seconds)} left`}`],
    ['created', run.created_at],
    ...(run.finished_at === null ? [] : [['finished', run.finished_at]]),
  ]
  return [
    ...rows.map(([name = '', value]) => `${name.padEnd(9)} ${printable(value ?? '')}`),
    ...failureLines(run),
  ].join('\n')
}

function failureLines({ failures, tiles }: Run): string[] {
  if (failures.length === 0) return []
  const shown = failures.length < tiles.failed ? `, the first ${failures.length}` : ''
  const lines = failures.map(({ z, x, y, code, detail }) => printable(`  ${z}/${x}/${y}  ${code}  ${detail}`))
  return [`failed${shown}:`, ...lines]
}

/** A table of runs, newest first. */
export function runTable(runs: readonly RunSummary[]): string {
  const header = ['RUN', 'STATE', 'DONE', 'TILES', 'FAILED', 'RATE', 'ZOOMS', 'LAYER']
  const rows = runs.map((run) => [
    run.id,
    run.state,
    `${run.percent} %`,
    grouped(run.tiles.total),
    grouped(run.tiles.failed),
    `${run.tiles_per_second}/s`,
    zoomsText(run.zooms),
    `${run.layer.kind} ${run.layer.id}`,
  ])
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [header, ...rows].map((row) => printable(line(row))).join('\n')
}

/** `0-8` or `0,3-5`. */
export function zoomsText(zooms: readonly number[]): string {
  const stretches: [number, number][] = []
  for (const zoom of zooms) {
    const last = stretches.at(-1)
    if (last && last[1] === zoom - 1) last[1] = zoom
    else stretches.push([zoom, zoom])
  }
  return stretches.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',')
}

/** Digits in groups of three, with a space that no locale changes. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ')
}

/** `4m 12s`; of days, hours, minutes and seconds the two that matter. */
export function duration(seconds: number): string {
  const units: [string, number][] = [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
  ]
  const from = Math.max(
    0,
    units.findIndex(([, size]) => seconds >= size),
  )
  const first = seconds < 1 ? units.length - 1 : from
  let left = Math.round(seconds)
  return units
    .slice(first, first + 2)
    .map(([name, size]) => {
      const whole = Math.floor(left / size)
      left -= whole * size
      return `${whole}${name}`
    })
    .join(' ')
}

/** Texts of a server may hold what moves a terminal's cursor. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?')
}
