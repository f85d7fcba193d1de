/** A map that forgets what was not asked for the longest, once it holds `max` entries. */
export class Cache<A> {
  readonly #entries = new Map<string, A>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  find(key: string): A | undefined {
    const found = this.#entries.get(key)
    if (found === undefined) return undefined
    // Moved to the end only when the cache is filling up: a small one needs no order.
    if (this.#entries.size * 2 > this.#max) {
      this.#entries.delete(key)
      this.#entries.set(key, found)
    }
    return found
  }

  keep(key: string, value: A): void {
    if (this.#entries.size >= this.#max) {
      const [oldest] = this.#entries.keys()
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
    this.#entries.set(key, value)
  }

  clear(): void {
    this.#entries.clear()
  }

  get size(): number {
    return this.#entries.size
  }
}
