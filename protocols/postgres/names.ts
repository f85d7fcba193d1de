import type { Parameter } from "../../core/family/sql/index.ts"
import type { Owed } from "./owed.ts"
import type { FieldFormats } from "./columns.ts"
import type { Described } from "./described.ts"

/** How many names may be remembered as touched before those that are settled are forgotten. */
const TOUCHED_MAX = 256

/** A prepared statement, as the client knows it and as the upstream does. */
export class Prepared {
  readonly name: string
  /** Its name at the upstream: `s1_…`, or empty for the unnamed one. */
  readonly upstreamName: string
  readonly text: string
  /** The text that the upstream was given: another one when it was rewritten. */
  sent: string | undefined
  /** What asked for its description, answered or not. */
  describing: Owed | undefined
  description: Described | undefined

  /**
   * Whether its description would hold for every portal made of it. A plan never changes the columns that it was
   * described with; what FETCH or EXECUTE yield depends on what their names stand for when they run.
   */
  get describesAll(): boolean {
    return /^\s*(select|values|table|with|insert|update|delete|merge)\b/i.test(this.text)
  }

  /** The types that the client declared for parameters, by OID; 0, or nothing, where it did not. */
  readonly types: ReadonlyArray<number>

  constructor(name: string, upstreamName: string, text: string, types: ReadonlyArray<number>) {
    this.name = name
    this.types = types
    this.upstreamName = upstreamName
    this.text = text
  }
}

/** A bound portal. */
export class Portal {
  readonly name: string
  readonly upstreamName: string
  readonly prepared: Prepared
  readonly parameters: ReadonlyArray<Parameter>
  readonly formats: FieldFormats
  /** Of its text and parameters: the same for its Bind and for every Execute. */
  readonly digest: string | undefined
  /** The place of its Bind in the queue: what ends a transaction ends the portals before it. */
  readonly place: number
  /** What asked for its description, answered or not. */
  describing: Owed | undefined
  /** What the upstream said of this portal, where it was asked. */
  description: Described | undefined

  constructor(options: Omit<Portal, "describing" | "description">) {
    this.name = options.name
    this.upstreamName = options.upstreamName
    this.prepared = options.prepared
    this.parameters = options.parameters
    this.formats = options.formats
    this.digest = options.digest
    this.place = options.place
  }
}

/**
 * The client's names, and what they stand for now.
 *
 * The upstream's names have a mark in them that the client cannot guess: SQL's own PREPARE and DECLARE share the same
 * name space, and must not be able to put another statement under a name that was judged.
 *
 * Names are mapped as the client's messages are sent on, so each of them may have to be taken back: when the upstream
 * refuses the message, or skips it behind an error. The owner of the queue does so, youngest first.
 */
export class Names {
  readonly statements = new Map<string, Prepared>()
  readonly portals = new Map<string, Portal>()
  private readonly touched = new Map<string, Owed>()
  private readonly mark: string
  private minted = 0

  /** `mark` is unguessable, and good in a name. */
  constructor(mark: string) {
    this.mark = mark
  }

  get count(): number {
    return this.statements.size + this.portals.size
  }

  /** The upstream's name for `name`: kept while it is alive, so that the upstream judges a name used twice. */
  upstreamName(kind: "s" | "p", name: string): string {
    if (name === "") return ""
    const alive = kind === "s" ? this.statements.get(name) : this.portals.get(name)
    return alive?.upstreamName ?? `${kind}${++this.minted}_${this.mark}`
  }

  /** `owed` changes, or failing it changes, what a name stands for. */
  touch(kind: "s" | "p", name: string, owed: Owed): void {
    if (this.touched.size >= TOUCHED_MAX) {
      for (const [key, { over }] of this.touched) if (over) this.touched.delete(key)
    }
    this.touched.set(kind + name, owed)
  }

  /** The message that last changed what `name` stands for, when it is not answered yet. */
  undecided(kind: "s" | "p", name: string): Owed | undefined {
    const owed = this.touched.get(kind + name)
    if (owed === undefined || !owed.over) return owed
    this.touched.delete(kind + name)
    return undefined
  }

  /** Characters and bytes that the names keep alive, roughly. */
  get kept(): number {
    let kept = 0
    for (const { text } of this.statements.values()) kept += text.length
    for (const { parameters } of this.portals.values()) {
      for (const { value } of parameters) kept += value?.length ?? 0
    }
    return kept
  }

  /** The transaction that ended at `place` took every portal with it that was bound before. */
  transactionEnded(place: number): void {
    for (const [name, portal] of this.portals) if (portal.place < place) this.portals.delete(name)
  }
}

/** Sets or clears `key`, and returns what puts it back: unless someone else has set it since. */
export const place = <V>(map: Map<string, V>, key: string, value: V | undefined): () => void => {
  const before = map.get(key)
  if (value === undefined) map.delete(key)
  else map.set(key, value)
  return () => {
    if (map.get(key) !== value) return
    if (before === undefined) map.delete(key)
    else map.set(key, before)
  }
}
