import type { Effect } from "effect/Effect"
import type { Operation, PluginError, Principal, Session, Spool } from "../../../core/index.ts"
import type { Atom, InputTaint } from "../engine/inputs.ts"
import type { World } from "../world.ts"
import { dayOf } from "./forgetting.ts"
import { nameOf } from "./key.ts"
import { atomKey, type Label } from "./label.ts"
import type { Labels } from "./labels.ts"
import type { Said } from "./literals.ts"
import type { Releases } from "./releases.ts"
import { type Holder, holderOf } from "./run.ts"

/** An operation that is about to be forwarded. */
export interface Forwarded {
  readonly exchange: number
  /** The place of the upstream. */
  readonly from: string
  readonly releases: Releases
  /** Data sets whose masks hold for this caller. */
  readonly masked: (dataSet: string) => boolean
  readonly said: Said | undefined
}

/** What one session's caller has seen: read before an operation is judged, grown when it is forwarded. */
export class Tracker {
  readonly spool: Spool
  private readonly labels: Labels
  private readonly session: Session
  private holder: Holder | undefined
  private world: World | undefined
  /** What the parents' labels were when they were last joined; undefined before the first time. */
  private inheritedAt: number | undefined
  private holdsUp = false
  private shown: { readonly version: number; readonly taint: InputTaint | undefined } | undefined
  /** The labels of what an operation touches, kept as long as the operation's analysis. */
  private readonly around = new WeakMap<Releases, ReadonlyArray<Label>>()
  private readonly landings = new WeakMap<ReadonlyArray<string>, ReadonlyArray<Label>>()
  /** How things stood when forwarding an operation last made nothing grow. */
  private settled = new WeakMap<Releases, number>()
  /** The day on which labels were last said to be used. */
  private day = 0
  private release: () => void = () => {}

  constructor(labels: Labels, session: Session) {
    this.labels = labels
    this.session = session
    this.spool = labels.spool(() => this.holdsUp = this.holdsUp && !labels.saved)
  }

  /** Follows the policy: another file may say otherwise what names a run. */
  enter(world: World, caller: Omit<Principal, "expiresAt">): void {
    if (this.world === world) return
    this.world = world
    this.holder = holderOf(world, this.labels, caller)
    this.close()
    this.release = this.labels.hold([...this.holder.reads, ...this.holder.parents])
    this.inheritedAt = undefined
    this.shown = undefined
  }

  /** Whether everything that this operation is judged by is known as it is now. */
  fresh(releases: Releases): boolean {
    if (!this.labels.fresh(this.concerned(releases))) return false
    this.inherit()
    return true
  }

  /** Reads what may have changed elsewhere. Afterwards the operation is to be judged once more. */
  refresh(releases: Releases): Effect<void, PluginError> {
    return this.labels.refresh(this.concerned(releases))
  }

  /**
   * Joins what the parents have seen, also since the session began: whoever started this run may have told it. After a
   * refresh, and wherever all is fresh.
   */
  inherit(): void {
    const { into, own, parents, reads } = this.known
    const first = this.inheritedAt === undefined
    let sum = 0
    for (const { version } of parents) sum += version
    if (this.inheritedAt === sum) return
    this.inheritedAt = sum
    if (first) {
      this.labels.join(own, { into })
      this.use([...reads, ...parents])
    }
    for (const parent of parents) this.labels.join(own, { atoms: inherited(parent) })
  }

  /** Changes whenever the label does, or what was spent of its budget. */
  get version(): number {
    let sum = 0
    for (const { version } of this.known.reads) sum += version
    return sum
  }

  get own(): Label {
    return this.known.own
  }

  /** The label as the engine reads it: the same object until it changes, undefined while there is nothing in it. */
  view(): InputTaint | undefined {
    const { version } = this
    if (this.shown?.version === version) return this.shown.taint
    const { own } = this.known
    const atoms = this.atoms()
    const reset = own.now.resets.at(-1)
    const taint: InputTaint | undefined = atoms.length === 0 && reset === undefined ? undefined : {
      run: nameOf(own.key),
      atoms,
      ...(reset === undefined ? {} : { reset: { at: reset.at, by: reset.by, reason: reset.reason } })
    }
    this.shown = { version, taint }
    return taint
  }

  /** The label, and what clings to the stores that a move would ship. */
  viewOf(operation: Operation, releases: Releases | undefined): InputTaint | undefined {
    const taint = this.view()
    if (operation.kind !== "move" || releases === undefined) return taint
    const shipped = this.clinging(releases)
    if (shipped.length === 0) return taint
    return { run: nameOf(this.own.key), atoms: [], ...taint, shipped }
  }

  /** The client is let in, having said this much in its login. Resolves once that is kept. */
  enterWith({ bytes, news }: Said): Effect<void> {
    const { own } = this.known
    for (const digest of news) own.literals.add(digest)
    this.labels.join(own, { spent: bytes })
    return this.labels.kept
  }

  /** T1 and T4: what is forwarded is seen, and what it leaves behind carries what was seen. */
  forward(forwarded: Forwarded): void {
    const { releases, said } = forwarded
    this.turn()
    if (said === undefined && this.labels.saved && this.settled.get(releases) === this.versionsOf(releases)) return
    this.grow(forwarded)
    this.use([...this.aroundOf(releases), ...this.landing(releases.into)])
    this.settled.set(releases, this.versionsOf(releases))
    const { reads } = this.known
    this.holdsUp ||= [...reads, ...this.concerned(releases)].some((label) => !label.saved)
  }

  private grow({ exchange, from, masked, releases, said }: Forwarded): void {
    const { own } = this.known
    const { id, pipeline } = this.session
    const at = this.session.now()
    const direct = releases.dataSets.map(({ form, homes, name }): Atom => ({
      data_set: name,
      ...(homes === undefined ? {} : { homes }),
      form: form === "masked" && !masked(name) ? "clear" : form,
      from,
      at,
      pipeline,
      session: id,
      exchange
    }))
    for (const digest of said?.news ?? []) own.literals.add(digest)
    this.labels.join(own, { atoms: [...direct, ...this.clinging(releases)], spent: said?.bytes ?? 0 })
    const [upstream] = this.aroundOf(releases)
    if (releases.listens && upstream !== undefined) this.labels.join(upstream, { into: [own.key] })
    this.leave(releases)
  }

  /** T4: what a run leaves somewhere carries its label, also what it saw after it began to write. */
  leave({ into }: Releases): void {
    if (into.length === 0) return
    const carried = this.known.reads.flatMap(inherited)
    if (carried.length === 0) return
    for (const label of this.landing(into)) {
      this.labels.join(label, { atoms: carried })
      this.holdsUp ||= !label.saved
    }
  }

  /** The session is over: its labels are forgotten in their time, as others are. */
  close(): void {
    this.release()
    this.release = () => {}
  }

  /** Another day: what is used is to be said once more. */
  private turn(): void {
    const day = dayOf(this.session.now())
    if (day === this.day) return
    this.day = day
    this.settled = new WeakMap()
  }

  private use(labels: ReadonlyArray<Label>): void {
    if (this.world === undefined) return
    for (const label of labels) this.labels.use(label, this.world.taint.forgetAfter, this.session.now())
  }

  private get known(): Holder {
    if (this.holder === undefined) throw new Error("a label was asked for before its caller was known")
    return this.holder
  }

  /** No two states of these labels have the same sum: each number only grows. */
  private versionsOf(releases: Releases): number {
    let sum = 0
    for (const { version } of this.concerned(releases)) sum += version
    for (const { version } of this.landing(releases.into)) sum += version
    return sum
  }

  private landing(into: ReadonlyArray<string>): ReadonlyArray<Label> {
    if (into.length === 0) return []
    const known = this.landings.get(into) ?? into.map((key) => this.labels.label(key))
    this.landings.set(into, known)
    return known
  }

  private concerned(releases: Releases): ReadonlyArray<Label> {
    const { parents, reads } = this.known
    return [...reads, ...parents, ...this.aroundOf(releases)]
  }

  private aroundOf(releases: Releases): ReadonlyArray<Label> {
    const known = this.around.get(releases) ?? releases.from.map((key) => this.labels.label(key))
    this.around.set(releases, known)
    return known
  }

  private clinging(releases: Releases): ReadonlyArray<Atom> {
    // The stores before the upstream as a whole: what can be named more closely is.
    return this.aroundOf(releases).toReversed().flatMap(inherited)
  }

  /** Each kind of news once, the earliest, in an order that does not depend on when it came. */
  private atoms(): ReadonlyArray<Atom> {
    const found = new Map<string, Atom>()
    for (const { now } of this.known.reads) {
      for (const atom of now.atoms) {
        const key = atomKey(atom)
        const known = found.get(key)
        if (known !== undefined && known.at <= atom.at) continue
        found.set(key, atom.of === undefined ? atom : { ...atom, of: nameOf(atom.of) })
      }
    }
    return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, atom]) => atom)
  }
}

const inherited = ({ key, now }: Label): ReadonlyArray<Atom> => now.atoms.map((atom) => ({ ...atom, of: key }))
