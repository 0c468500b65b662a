import { renderDefaults, renderQuery } from '../../src/search/render-defaults.ts'
import type { InstalledSamples } from './sample-imagery.ts'

/** What a person sees when the stack is up. */
export function banner(url: string, samples: InstalledSamples, logs: string, seconds: number): string {
  const maps = samples.searches.map(({ id, metadata }): [string, string] => {
    const [first] = Object.values(renderDefaults(metadata.defaults))
    const query = first ? `?${renderQuery(first)}` : ''
    return [String(metadata.name), `${url}/searches/${id}/WebMercatorQuad/map.html${query}`]
  })
  const lines: [string, string][] = [...maps, ['API docs', `${url}/docs`], ['Health', `${url}/healthz`], ['Logs', logs]]
  return [
    '',
    `Tilepress is ready after ${seconds.toFixed(1)} s.`,
    '',
    ...lines.map(([name, value]) => `  ${name.padEnd(12)} ${value}`),
    '',
    'Ctrl-C stops everything.',
    '',
  ].join('\n')
}
