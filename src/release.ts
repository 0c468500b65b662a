/** Undo functions, run last-in first-out and once. A failing one does not keep the others from running. */
export class Releasers {
  #stack: { name: string; release: () => Promise<void> | void }[] = []

  add(name: string, release: () => Promise<void> | void): void {
    this.#stack.push({ name, release })
  }

  /** Throws an AggregateError of what failed. */
  async release(): Promise<void> {
    const failures: unknown[] = []
    for (let entry = this.#stack.pop(); entry; entry = this.#stack.pop()) {
      try {
        await entry.release()
      } catch (cause) {
        failures.push(new Error(`releasing ${entry.name} failed`, { cause }))
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'not everything could be released')
  }
}
