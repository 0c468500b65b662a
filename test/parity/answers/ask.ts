import type { Case } from '../matrix/case.ts'
import { type Answer, comparedHeaders } from './answer.ts'

/** A server under comparison and where its sources are. */
export interface Server {
  readonly url: string
  /** Search ids by layer. */
  readonly searches: ReadonlyMap<string, string>
  readonly collection: string
  /** Where the files are: not a part of any answer. */
  readonly folder: string
}

const LONGEST_ANSWER_MS = 120_000

/** Asks, and takes host and folder out of a text so that both servers' texts can be the same. */
export async function ask(server: Server, one: Case): Promise<Answer> {
  const response = await fetchOnceMore(`${server.url}${sourcePath(server, one)}${one.path}`, {
    signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
    ...(one.body
      ? { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(one.body) }
      : {}),
  })
  const body = Buffer.from(await response.arrayBuffer())
  const [type = ''] = (response.headers.get('content-type') ?? '').split(';')
  const headers = comparedHeaders.flatMap((name): [string, string][] => {
    const value = response.headers.get(name)
    return value === null ? [] : [[name, value]]
  })
  const text = type.includes('json') || type.includes('xml')
  return {
    status: response.status,
    type,
    headers: Object.fromEntries(headers),
    body: text ? withoutPlaces(server, body) : body,
  }
}

/** The URL's part that names a mosaic or an item. */
export function sourcePath(server: Server, { source }: Case): string {
  if (source === null) return ''
  if (source.kind === 'item') return `/collections/${server.collection}/items/${encodeURIComponent(source.name)}`
  const search = server.searches.get(source.name)
  if (search === undefined) throw new Error(`there is no search for ${source.name}`)
  return `/searches/${search}`
}

function withoutPlaces({ url, folder }: Server, body: Buffer): Buffer {
  return Buffer.from(body.toString().replaceAll(url, 'http://server').replaceAll(folder, '/files'))
}

/** A server may close an idle connection in the moment it is used. */
async function fetchOnceMore(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, init).catch((error) => {
    if (!(error instanceof TypeError)) throw error
    return fetch(url, init)
  })
}
