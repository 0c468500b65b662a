import type { AzureAccess } from '../auth/azure-access.ts'
import type { TokenProvider } from '../auth/token-provider.ts'
import type { Config } from '../config.ts'
import { type ErrorCode, toTilepressError } from '../errors.ts'
import type { AssetPlace } from '../read/href-resolver.ts'
import type { StorageAccess } from '../read/storage-access.ts'
import { type Circumstances, mendOf } from './mend.ts'
import { askStorage, type StorageAnswer } from './storage-question.ts'
import { claimsOf } from './token-claims.ts'

/** How one step went. */
export interface Finding {
  readonly step: string
  readonly state: 'ok' | 'failed' | 'skipped'
  readonly says: string
  /** The code that the API, the log and docs/troubleshooting.md use for it. */
  readonly code: ErrorCode | null
  readonly mend: string | null
}

/** The parts that are asked besides storage; each resolves to a word about itself, or throws. */
export interface CheckedParts {
  readonly openWithGdal: (name: string) => Promise<string>
  readonly askDatabase: () => Promise<string>
  readonly askQueue: () => Promise<string>
  readonly writeCache: () => Promise<string>
}

const PROBE_BLOB = 'access-check'

/** The Azure CLI alone may take three seconds, a virtual machine's first token ten. */
const TOKEN_MS = 20_000

/**
 * Walks the way of a token and a tile, one finding a step: identity → token → signature → account → container → blob → GDAL → pgSTAC → queue → cache →
 * tile container. A step whose ground failed is skipped, the others are made all the same.
 */
export class AccessCheck {
  readonly #config: Config
  readonly #azure: AzureAccess
  readonly #storage: StorageAccess
  readonly #parts: CheckedParts
  #known: Circumstances

  constructor(config: Config, azure: AzureAccess, storage: StorageAccess, parts: CheckedParts) {
    this.#config = config
    this.#azure = azure
    this.#storage = storage
    this.#parts = parts
    this.#known = {
      ...{ localMode: config.LOCAL_MODE, writes: false, signs: false, clockAheadMs: 0 },
      ...{ objectId: '', account: '', container: '', tenant: '', storageTenant: '', audience: '', href: '' },
    }
  }

  async *run(href: string | null): AsyncGenerator<Finding> {
    const { authType, storage } = this.#azure
    if (storage === null) {
      yield skipped('identity', 'USE_AZURE_AUTH is false: nothing is signed')
      yield skipped('token', 'none is needed')
    } else {
      yield ok('identity', `asks ${authType === 'azure_cli' ? 'the Azure CLI' : 'DefaultAzureCredential'}`)
      yield await this.#token()
    }
    const token = storage?.state().status === 'none' ? null : ((await storage?.getToken())?.token ?? null)
    if (storage === null || token !== null) yield* this.#imagery(href, token)
    else for (const step of ['account', 'container', 'blob', 'GDAL']) yield skipped(step, 'there is no token')
    yield await this.#part('pgSTAC', 'DATABASE_UNAVAILABLE', this.#parts.askDatabase)
    yield await this.#part('queue', 'QUEUE_UNAVAILABLE', this.#parts.askQueue)
    yield await this.#part('cache', null, this.#parts.writeCache)
    yield await this.#tileContainer(token)
  }

  async #token(): Promise<Finding> {
    try {
      const claims = claimsOf(await patientToken(this.#azure.storage!))
      const { audience, tenant, objectId, application, expires } = claims
      this.#note({ audience: audience ?? '', tenant: tenant ?? '', objectId: objectId ?? '' })
      const left = expires === null ? '?' : Math.round((expires * 1_000 - Date.now()) / 60_000)
      return ok(
        'token',
        `audience ${audience}, tenant ${tenant}, object ${objectId}, application ${application ?? '–'}, ${left} min left`,
      )
    } catch (error) {
      return this.#failed('token', 'TOKEN_UNAVAILABLE', reasonOf(error))
    }
  }

  async *#imagery(href: string | null, token: string | null): AsyncGenerator<Finding> {
    if (href === null) {
      for (const step of ['account', 'container', 'blob', 'GDAL']) yield skipped(step, 'no href was given')
      return
    }
    let place: AssetPlace
    try {
      place = this.#storage.resolver.place(href)
    } catch (error) {
      yield this.#failed('account', 'ASSET_REFUSED', reasonOf(error))
      return
    }
    const { kind, location, signedBy } = place
    if (kind === 'file') {
      for (const step of ['account', 'container', 'blob']) yield skipped(step, 'the asset is a file')
      yield await this.#part('GDAL', 'ASSET_UNREADABLE', () => this.#parts.openWithGdal(location))
      return
    }
    const at = placeOf(location)
    this.#note({ account: at.account, container: at.container, href })
    let query = ''
    if (signedBy !== null) {
      this.#note({ signs: true })
      const signed = await this.#signature(signedBy)
      yield signed.finding
      this.#note({ signs: false })
      for (const step of ['account', 'container']) yield skipped(step, 'a signature opens blobs alone')
      if (signed.signature === null) {
        for (const step of ['blob', 'GDAL']) yield skipped(step, 'there is no signature')
        return
      }
      query = `?${signed.signature}`
    } else if (kind === 'blob') {
      // A role on the container alone is enough for tiles, so this is no failure by itself.
      const account = await askStorage(`${at.endpoint}/?comp=list&maxresults=1`, token)
      this.#noteAnswer(account)
      yield account.code === 'STORAGE_ROLE_MISSING'
        ? ok('account', `${at.account} answers; the identity may not list its containers, which it need not`)
        : this.#answered('account', account, `${at.account} answers`)
      const list = await askStorage(`${at.endpoint}/${at.container}?restype=container&comp=list&maxresults=1`, token)
      yield this.#answered('container', list, `${at.container} can be listed`)
    } else {
      for (const step of ['account', 'container']) yield skipped(step, 'the asset needs no token')
    }
    const bearer = kind === 'blob' && signedBy === null ? token : null
    const blob = await askStorage(location + query, bearer, { headers: { range: 'bytes=0-15' } })
    this.#noteAnswer(blob)
    yield this.#answered('blob', blob, 'the first bytes can be read')
    if (blob.code !== null) yield skipped('GDAL', 'the blob cannot be read')
    else {
      const open = () => this.#parts.openWithGdal(this.#storage.resolver.resolve(href))
      yield await this.#part('GDAL', 'ASSET_UNREADABLE', open)
    }
  }

  async #signature(container: string): Promise<{ finding: Finding; signature: string | null }> {
    try {
      const signature = await this.#storage.signatures.signatureOf(container)
      const ends = new URLSearchParams(signature).get('se') ?? '?'
      return { finding: ok('signature', `of ${container}, good until ${ends}`), signature }
    } catch (error) {
      const { code } = toTilepressError(error)
      return { finding: this.#failed('signature', code, reasonOf(error)), signature: null }
    }
  }

  async #tileContainer(token: string | null): Promise<Finding> {
    const container = this.#config.TILE_CONTAINER_URL
    if (container === undefined) return skipped('tile container', 'TILE_CONTAINER_URL is not set')
    const at = placeOf(`${container}/${PROBE_BLOB}`)
    this.#note({ account: at.account, container: at.container, writes: true })
    const blob = `${container}/${PROBE_BLOB}`
    const headers = { 'x-ms-blob-type': 'BlockBlob' }
    const written = await askStorage(blob, token, { method: 'PUT', headers, body: 'x' })
    this.#noteAnswer(written)
    if (written.code !== null) return this.#answered('tile container', written, '')
    const removed = await askStorage(blob, token, { method: 'DELETE' })
    return this.#answered('tile container', removed, `${at.container} can be written`)
  }

  async #part(step: string, fallback: ErrorCode | null, ask: () => Promise<string>): Promise<Finding> {
    try {
      return ok(step, await ask())
    } catch (thrown) {
      const error = toTilepressError(thrown)
      const code = error.code === 'INTERNAL' ? fallback : error.code
      return this.#failed(step, code, reasonOf(thrown))
    }
  }

  #answered(step: string, answer: StorageAnswer, says: string): Finding {
    if (answer.code === null) return ok(step, says)
    const words = [answer.status === null ? 'no answer' : `status ${answer.status}`, answer.azureCode].filter(Boolean)
    return this.#failed(step, answer.code, words.join(', '))
  }

  #failed(step: string, code: ErrorCode | null, says: string): Finding {
    return { step, state: 'failed', says, code, mend: code === null ? null : mendOf(code, this.#known) }
  }

  #noteAnswer({ clockAheadMs, tenant }: StorageAnswer): void {
    this.#note({ ...(clockAheadMs !== null && { clockAheadMs }), ...(tenant !== null && { storageTenant: tenant }) })
  }

  #note(facts: Partial<Circumstances>): void {
    this.#known = { ...this.#known, ...facts }
  }
}

/** Waits longer than a request of a tile would, as long as the try under way has not failed. */
async function patientToken(tokens: TokenProvider): Promise<string> {
  const deadline = performance.now() + TOKEN_MS
  for (;;) {
    try {
      return (await tokens.getToken()).token
    } catch (error) {
      if (tokens.state().lastError !== null || performance.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

function ok(step: string, says: string): Finding {
  return { step, state: 'ok', says, code: null, mend: null }
}

function skipped(step: string, says: string): Finding {
  return { step, state: 'skipped', says, code: null, mend: null }
}

/** Endpoint, account and container of a blob's URL: `https://account…/container/…`, an emulator's `https://host:port/account/container/…`. */
function placeOf(location: string): { endpoint: string; account: string; container: string } {
  const { origin, hostname, pathname } = new URL(location)
  const [first = '', second = ''] = pathname.slice(1).split('/')
  if (/^[a-z0-9]+\.blob\./.test(hostname)) {
    return { endpoint: origin, account: hostname.split('.')[0] ?? '', container: first }
  }
  return { endpoint: `${origin}/${first}`, account: first, container: second }
}

/** A sentence without addresses: the SDK's and the driver's messages may quote an answer or a URL. */
function reasonOf(thrown: unknown): string {
  const error = toTilepressError(thrown)
  const reason = error.context.reason
  const cause = error.cause instanceof Error ? error.cause.name : null
  const more = typeof reason === 'string' ? reason : cause
  return error.code === 'INTERNAL' ? (more ?? 'it failed') : more === null ? error.detail : `${error.detail} (${more})`
}
