import type { Run } from '../../src/prerender/run-resource.ts'

/** Creates or changes a run with a body, else looks at one. */
export async function askForRun(url: string, body?: object): Promise<Run> {
  const response = await fetch(
    url,
    body && { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) },
  )
  if (!response.ok) throw new Error(`${url} answered ${response.status} ${await response.text()}`)
  return (await response.json()) as Run
}
