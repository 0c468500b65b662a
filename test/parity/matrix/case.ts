/**
 * How an answer is compared.
 *
 * - `nearest`: pixels are samples of the file, or follow from them: equal.
 * - `smooth`: pixels are sums of samples: within a level.
 * - `lossy`: the encoder's own losses between them: alike.
 * - `json`: values, numbers to 1e-6.
 * - `status`: nothing but the status.
 */
export type Comparison = 'nearest' | 'smooth' | 'lossy' | 'json' | 'status'

/** One request of the matrix. */
export interface Case {
  readonly group: string
  /** Within the group: file, place and parameters, for people and `--only`. */
  readonly name: string
  /** Where `path` lies: a mosaic's or an item's name in layers.ts; none for the server's own routes. */
  readonly source: { readonly kind: 'search' | 'item'; readonly name: string } | null
  /** After the source's URL, with the query. */
  readonly path: string
  /** Makes it a POST. */
  readonly body?: object
  readonly comparison: Comparison
  /** What the reference is asked in its place: another source with the same pixels where the reference fails. */
  readonly instead?: { readonly source: Case['source']; readonly path: string }
}

export function caseId({ group, name }: Case): string {
  return `${group}/${name}`
}

/** A parameter's values in the order they go into the query; null leaves the parameter out. */
export type Query = Readonly<Record<string, string | number | boolean | null | readonly (string | number)[]>>

/** A query string with its question mark, encoded as a browser does it. */
export function queryText(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    if (value === null) return []
    return (Array.isArray(value) ? value : [value]).map((each): [string, string] => [name, String(each)])
  })
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`
}
