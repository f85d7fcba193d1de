import type { Atom } from "../engine/inputs.ts"

/** An owner's word that a label ends. */
export interface Reset {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly by: string
  readonly reason: string
  /** What the label held. */
  readonly atoms: ReadonlyArray<Atom>
}

/** A label as it lies in the state. */
export interface StoredLabel {
  readonly v: 2
  readonly atoms: ReadonlyArray<Atom>
  /** Keys of the labels that whatever joins this one joins too. */
  readonly into: ReadonlyArray<string>
  /** Bytes of literals that were let through for their brevity. */
  readonly spent: number
  readonly resets: ReadonlyArray<Reset>
  /** The day on which it was last used, in milliseconds since the epoch; undefined where nobody wrote that down. */
  readonly used?: number | undefined
}

export const emptyLabel: StoredLabel = { v: 2, atoms: [], into: [], spent: 0, resets: [] }

/** Reads a stored label. Throws on what it does not know: a label that cannot be read is not an empty one. */
export const decodeLabel = (text: string | undefined): StoredLabel => {
  if (text === undefined) return emptyLabel
  const value = JSON.parse(text) as Omit<StoredLabel, "v"> & { readonly v: unknown }
  const lists = [value.atoms, value.into, value.resets]
  if ((value.v !== 1 && value.v !== 2) || !lists.every(Array.isArray) || typeof value.spent !== "number") {
    throw new Error("a label of a form that this version does not know")
  }
  // The first form had no `used`. Whoever knows no other refuses this one: it would not say when it used a label.
  return { ...value, v: 2 }
}

/** Two atoms with one key are the same news. */
export const atomKey = ({ data_set, form, from, homes }: Atom): string =>
  `${data_set}\0${form}\0${from}${homes === undefined ? "" : `\0${homes.join("\0")}`}`

/** What joined a label and is not yet in the state. */
export interface Growth {
  readonly atoms: ReadonlyArray<Atom>
  readonly into: ReadonlyArray<string>
  readonly spent: number
  readonly used?: number | undefined
}

/** What of `atoms` is news to whoever has `known`: each kind once, the first. */
const newTo = (known: ReadonlyArray<Atom>, atoms: ReadonlyArray<Atom>): ReadonlyArray<Atom> => {
  const seen = new Set(known.map(atomKey))
  return atoms.filter((atom) => {
    const key = atomKey(atom)
    const news = !seen.has(key)
    seen.add(key)
    return news
  })
}

/** A stored label with `growth` in it. Only ever more. */
export const grown = (stored: StoredLabel, growth: Growth): StoredLabel => {
  const used = Math.max(stored.used ?? -Infinity, growth.used ?? -Infinity)
  return {
    ...stored,
    atoms: [...stored.atoms, ...newTo(stored.atoms, growth.atoms)],
    into: [...new Set([...stored.into, ...growth.into])],
    spent: stored.spent + growth.spent,
    ...(used === -Infinity ? {} : { used })
  }
}

/** The label of one bearer, in memory: what the state had when it was last read, and what has joined since. */
export class Label {
  readonly key: string
  /** Changes whenever the label does. */
  version = 0
  /** The state's stamp when this was last read; undefined when it never was. */
  stamp: number | undefined
  /** Literals that the run has sent before, so that each counts once. As many as the budget has bytes, at most. */
  readonly literals = new Set<string>()
  private stored = emptyLabel
  /** What was asked of the state so far, by number, and which of it `stored` rests on. */
  private asked = 0
  private answered = 0
  private joined: Growth = emptyLabel
  private saving: Growth = emptyLabel
  private whole = emptyLabel
  /** The state has it no more: all of it is to be written again. */
  private lost = false

  constructor(key: string) {
    this.key = key
  }

  get now(): StoredLabel {
    return this.whole
  }

  /** Whether all of it is in the state. */
  get saved(): boolean {
    return this.joined === emptyLabel && this.saving === emptyLabel && !this.lost
  }

  /** Adds what is new of `growth`; undefined when nothing is. */
  join(growth: Growth): Growth | undefined {
    const atoms = newTo(this.whole.atoms, growth.atoms)
    const into = growth.into.filter((key) => key !== this.key && !this.whole.into.includes(key))
    const used = (growth.used ?? -Infinity) > (this.whole.used ?? -Infinity) ? growth.used : undefined
    if (atoms.length + into.length === 0 && growth.spent === 0 && used === undefined) return undefined
    const news = { atoms, into, spent: growth.spent, used }
    this.joined = grown({ ...emptyLabel, ...this.joined }, news)
    this.refresh()
    return news
  }

  /** What is to be written now. Until `written` or `failed`, it counts as being written. */
  take(): Growth {
    this.saving = this.joined
    this.joined = emptyLabel
    return this.saving
  }

  /** The state is asked for this label, or to change it. The number goes with its answer. */
  ask(): number {
    return ++this.asked
  }

  /** What `take` gave is in the state. */
  written(stored: StoredLabel, number: number): void {
    const { saving } = this
    this.saving = emptyLabel
    this.lost = false
    // A read that began later may have seen what others wrote after this, or not yet have seen this.
    if (number < this.answered) this.set(grown(this.stored, saving), this.answered)
    else this.set(stored, number)
  }

  failed(): void {
    this.joined = grown({ ...emptyLabel, ...this.saving }, this.joined)
    this.saving = emptyLabel
  }

  /**
   * What the state has; what is not yet written stands beside it. An answer that was overtaken says nothing new. Where
   * the state has nothing any more, somebody forgot it who did not know that it is used here: then it stays as it is.
   */
  read(stored: StoredLabel | undefined, number: number): void {
    if (number < this.answered) return
    this.lost = stored === undefined && this.stored !== emptyLabel
    this.set(this.lost ? this.stored : stored ?? emptyLabel, number)
  }

  private set(stored: StoredLabel, number: number): void {
    this.stored = stored
    this.answered = number
    this.refresh()
  }

  private refresh(): void {
    const before = this.whole
    this.whole = grown(grown(this.stored, this.saving), this.joined)
    if (JSON.stringify(before) !== JSON.stringify(this.whole)) this.version++
  }
}
