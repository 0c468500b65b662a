/** What items of one kind share: the same asset names, and the same ends of their hrefs. */
interface AssetTemplate {
  readonly positions: ReadonlyMap<string, number>
  readonly suffixes: readonly string[]
}

/**
 * An item's asset names and hrefs, as the beginning that all its hrefs share and a template that items of one kind share: ten thousand
 * scenes of twenty assets take 6 MB so, footprints and index included.
 */
class AssetHrefs implements ReadonlyMap<string, string> {
  readonly #prefix: string
  readonly #template: AssetTemplate

  constructor(prefix: string, template: AssetTemplate) {
    this.#prefix = prefix
    this.#template = template
  }

  get size(): number {
    return this.#template.suffixes.length
  }

  get(name: string): string | undefined {
    const position = this.#template.positions.get(name)
    return position === undefined ? undefined : this.#prefix + this.#template.suffixes[position]!
  }

  has(name: string): boolean {
    return this.#template.positions.has(name)
  }

  keys(): MapIterator<string> {
    return this.#template.positions.keys()
  }

  *values(): Generator<string, undefined> {
    for (const suffix of this.#template.suffixes) yield this.#prefix + suffix
  }

  *entries(): Generator<[string, string], undefined> {
    for (const [name, position] of this.#template.positions)
      yield [name, this.#prefix + this.#template.suffixes[position]!]
  }

  forEach(visit: (href: string, name: string, map: ReadonlyMap<string, string>) => void): void {
    for (const [name, href] of this.entries()) visit(href, name, this)
  }

  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.entries()
  }
}

/** Makes the asset maps of one search, which share what is the same. */
export class AssetTemplates {
  readonly #templates = new Map<string, AssetTemplate>()

  /** @param hrefs asset name to href; nothing in it is changed or resolved. */
  pack(hrefs: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
    const names = Object.keys(hrefs)
    const prefix = commonPrefix(names.map((name) => hrefs[name]!))
    const suffixes = names.map((name) => hrefs[name]!.slice(prefix.length))
    const key = JSON.stringify([names, suffixes])
    let template = this.#templates.get(key)
    if (!template) {
      template = { positions: new Map(names.map((name, position) => [name, position])), suffixes }
      this.#templates.set(key, template)
    }
    return new AssetHrefs(prefix, template)
  }
}

function commonPrefix(texts: readonly string[]): string {
  const [first = '', ...others] = texts
  let length = first.length
  for (const text of others) {
    let same = 0
    while (same < length && same < text.length && first[same] === text[same]) same++
    length = same
  }
  return first.slice(0, length)
}
