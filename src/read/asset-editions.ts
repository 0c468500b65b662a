import { LRUCache } from 'lru-cache'

/** Hrefs whose edition is remembered, some 200 bytes each. */
const REMEMBERED = 20_000

/**
 * Which edition of its layer (src/freshness/layer-state.ts) each file was last read for. Files stay open and GDAL keeps what it fetched of
 * them; one that was replaced under its name is seen only when it is opened under a fresh one. That costs its head again, so it is done once
 * for each edition, and only for files that are read.
 */
export class AssetEditions {
  readonly #known = new LRUCache<string, number>({ max: REMEMBERED })
  readonly #renew: (href: string) => void

  /** `renew` has the file opened anew at its next read. */
  constructor(renew: (href: string) => void) {
    this.#renew = renew
  }

  /** To be called before a file is read for a tile of this edition. */
  see(href: string, edition: number): void {
    const known = this.#known.get(href)
    if (known !== undefined && known >= edition) return
    this.#known.set(href, edition)
    if (known !== undefined) this.#renew(href)
  }
}
