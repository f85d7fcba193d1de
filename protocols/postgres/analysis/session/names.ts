import type { Node } from "../parse/tree.ts"
import type { Consequence, SessionNames } from "../session-names.ts"

/** The most statements and cursors that a session may name. What is beyond is forgotten, and so refused. */
const namesMax = 1000

type Naming = Extract<Consequence, { readonly _tag: "Prepare" | "Deallocate" | "Declare" | "Close" }>

/** What a session has named, as far as it is certain. */
export class Names implements SessionNames {
  readonly #prepared = new Known()
  readonly #cursors = new Known()

  readonly prepared = (name: string): Node | undefined => this.#prepared.find(name)
  readonly cursor = (name: string): Node | undefined => this.#cursors.find(name)

  /** The name is about to change: until it is settled, nobody knows what it means. */
  expect(naming: Consequence): void {
    if (naming._tag === "Prepare" || naming._tag === "Deallocate") this.#prepared.forget(naming.name)
    if (naming._tag === "Declare" || naming._tag === "Close") this.#cursors.forget(naming.name)
  }

  /** The change has come true, or not; if not, what the name now means is not certain, and stays so. */
  settle(naming: Naming, done: boolean): void {
    this.expect(naming)
    if (!done) return
    if (naming._tag === "Prepare") this.#prepared.put(naming.name, naming.query)
    if (naming._tag === "Declare") this.#cursors.put(naming.name, naming.query)
  }

  clear(): void {
    this.#prepared.forget(undefined)
    this.#cursors.forget(undefined)
  }
}

class Known {
  readonly #queries = new Map<string, Node>()

  find(name: string): Node | undefined {
    return this.#queries.get(name)
  }

  put(name: string, query: Node): void {
    if (this.#queries.size < namesMax) this.#queries.set(name, query)
  }

  /** Undefined: all of them. */
  forget(name: string | undefined): void {
    if (name === undefined) this.#queries.clear()
    else this.#queries.delete(name)
  }
}
