import { OpenDataset } from './open-dataset.ts'

export interface DatasetPoolOptions {
  /** Handles open at once, over all files. */
  readonly maxOpen: number
  /** Handles of one file: more read it in parallel, but each has GDAL decode its blocks anew. */
  readonly maxPerFile: number
  readonly open?: (name: string) => Promise<OpenDataset>
}

interface FileEntry {
  readonly idle: OpenDataset[]
  /** Handles leased or being opened. */
  busy: number
  readonly waiters: Waiter[]
}

interface Waiter {
  readonly resolve: (dataset: OpenDataset) => void
  readonly reject: (error: unknown) => void
}

/**
 * Open files of one process by GDAL name, least recently used closed first. A handle is leased to one user at a time. A
 * failed open is told to everyone who waits for it and never kept.
 */
export class DatasetPool {
  readonly #files = new Map<string, FileEntry>()
  readonly #options: DatasetPoolOptions
  /** Files whose users wait for a handle of any file to come free, oldest first. */
  readonly #starved: string[] = []
  #open = 0

  constructor(options: DatasetPoolOptions) {
    this.#options = options
  }

  /** Open handles, leased ones included. */
  get size(): number {
    return this.#open
  }

  /** Runs `use` with a handle of the file that nobody else uses meanwhile. Throws what opening or `use` throws. */
  async use<T>(name: string, use: (dataset: OpenDataset) => Promise<T>): Promise<T> {
    const dataset = await this.#acquire(name)
    try {
      return await use(dataset)
    } finally {
      this.#release(name, dataset)
    }
  }

  /** Closes a file's idle handles, so that its next use opens it anew. */
  forget(name: string): void {
    const file = this.#files.get(name)
    while (file?.idle.length) this.#close(file.idle.pop()!)
    this.#dropEmpty(name)
  }

  /** Closes every idle handle; leased ones stay with their users. */
  clear(): void {
    for (const name of [...this.#files.keys()]) this.forget(name)
  }

  #acquire(name: string): Promise<OpenDataset> | OpenDataset {
    let file = this.#files.get(name)
    if (file === undefined) {
      file = { idle: [], busy: 0, waiters: [] }
    } else {
      this.#files.delete(name)
    }
    this.#files.set(name, file)
    const idle = file.idle.pop()
    if (idle !== undefined) {
      file.busy++
      return idle
    }
    const waiting = new Promise<OpenDataset>((resolve, reject) => file.waiters.push({ resolve, reject }))
    this.#openFor(name, file)
    return waiting
  }

  /** Opens one more handle where the bounds allow it; else the waiter waits for a release. */
  #openFor(name: string, file: FileEntry): void {
    if (file.busy >= this.#options.maxPerFile) return
    if (this.#open >= this.#options.maxOpen && !this.#closeLeastRecent()) {
      this.#starved.push(name)
      return
    }
    this.#open++
    file.busy++
    const open = this.#options.open ?? OpenDataset.open
    open(name).then(
      (dataset) => this.#release(name, dataset),
      (error: unknown) => {
        this.#open--
        file.busy--
        // Whoever waits for an open waits for this one: a second attempt for each would multiply a failing file's cost.
        if (file.busy === 0) for (const waiter of file.waiters.splice(0)) waiter.reject(error)
        else file.waiters.shift()?.reject(error)
        this.#dropEmpty(name)
        this.#feedStarved()
      },
    )
  }

  #release(name: string, dataset: OpenDataset): void {
    const file = this.#files.get(name)
    if (file === undefined) throw new Error('a dataset came back to a pool that does not know it')
    const waiter = file.waiters.shift()
    if (waiter !== undefined) {
      waiter.resolve(dataset)
      return
    }
    file.busy--
    file.idle.push(dataset)
    this.#feedStarved()
  }

  #feedStarved(): void {
    for (let name = this.#starved.shift(); name !== undefined; name = this.#starved.shift()) {
      const file = this.#files.get(name)
      if (file === undefined || file.waiters.length === 0) continue
      this.#openFor(name, file)
      return
    }
  }

  /** Closes the idle handle of the file not used for longest; false when none is idle. */
  #closeLeastRecent(): boolean {
    for (const [name, file] of this.#files) {
      const dataset = file.idle.pop()
      if (dataset === undefined) continue
      this.#close(dataset)
      this.#dropEmpty(name)
      return true
    }
    return false
  }

  #close(dataset: OpenDataset): void {
    this.#open--
    dataset.close()
  }

  #dropEmpty(name: string): void {
    const file = this.#files.get(name)
    if (file && file.busy === 0 && file.idle.length === 0 && file.waiters.length === 0) this.#files.delete(name)
  }
}
