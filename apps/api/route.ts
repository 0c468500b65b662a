import type { Context } from 'koa'

/** A parameter as OpenAPI 3.1 describes it. */
export interface ParameterDoc {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly description: string
  readonly required?: boolean
  readonly schema: Readonly<Record<string, unknown>>
}

/** One line of the route table: what the router, the OpenAPI document and the metrics' labels are made of. */
export interface Route {
  readonly method: 'get' | 'post'
  /** @koa/router's notation, `/tiles/:z`. */
  readonly path: string
  readonly summary: string
  readonly tag: 'tiles' | 'mosaics' | 'queries' | 'items' | 'freshness' | 'pre-render' | 'service'
  /** Asked for so often that it is matched before the router. */
  readonly hot?: boolean
  /** Closed unless the caller may write. */
  readonly write?: boolean
  readonly parameters?: readonly ParameterDoc[]
  /** JSON Schema of the body. */
  readonly body?: Readonly<Record<string, unknown>>
  /** Media types of the answer; application/json when absent. */
  readonly produces?: readonly string[]
  readonly handler: (ctx: Context, parameters: Readonly<Record<string, string>>) => Promise<void> | void
}
