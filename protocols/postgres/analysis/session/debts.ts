/** After so many milliseconds half of what was used is forgotten. */
const halfLife = 10_000
/** Clients that are remembered; beyond it, those that used something the longest ago are forgotten. */
const clientsMax = 1000

/** What each client has used lately of something that all share, in milliseconds. */
export class Debts {
  readonly #used = new Map<string, { readonly amount: number; readonly at: number }>()
  readonly #now: () => number

  constructor(now = () => performance.now()) {
    this.#now = now
  }

  of(client: string): number {
    const used = this.#used.get(client)
    return used === undefined ? 0 : used.amount * 2 ** ((used.at - this.#now()) / halfLife)
  }

  add(client: string, amount: number): void {
    const owed = this.of(client) + amount
    this.#used.delete(client)
    this.#used.set(client, { amount: owed, at: this.#now() })
    if (this.#used.size <= clientsMax) return
    const [oldest] = this.#used.keys()
    if (oldest !== undefined) this.#used.delete(oldest)
  }
}
