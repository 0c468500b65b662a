/** A search as pgSTAC keeps it; what a mosaic is made from. */
export interface RegisteredSearch {
  /** The search's id: 32 hexadecimal digits up to pgSTAC 0.10, 64 after it. */
  readonly hash: string
  /** The STAC search, as it was registered. */
  readonly search: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, unknown>>
  /** RFC 3339. */
  readonly lastused: string
  readonly usecount: number
}

/** What of a search its bounds, zooms and defaults follow from. */
export type MosaicDescription = Pick<RegisteredSearch, 'search' | 'metadata'>

/** A STAC collection as pgSTAC has it. */
export type Collection = Readonly<Record<string, unknown>> & { readonly id: string }

const searchId = /^(?:[0-9a-f]{32}|[0-9a-f]{64})$/

/** False for what no pgSTAC gives as an id: such a search need not be asked for. */
export function isSearchId(text: string): boolean {
  return searchId.test(text)
}
