/** Names of bands by asset: the items of a collection have the same ones, so those of one search share their tables. */
export class BandNameTables {
  readonly #tables = new Map<string, ReadonlyMap<string, readonly string[]>>()

  pack(names: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, readonly string[]> {
    const key = JSON.stringify(names)
    const known = this.#tables.get(key)
    if (known) return known
    const table = new Map(Object.entries(names))
    this.#tables.set(key, table)
    return table
  }
}
