import * as Effect from "effect/Effect"
import {
  type Admission,
  admit,
  type Deny,
  deny,
  type Exchange,
  type Hold,
  hold,
  type Login,
  type PluginError,
  Principal,
  Protection,
  type Reads,
  Receipt,
  ReceiptBasis,
  Reveals,
  type Session,
  type Verdict,
  type Writes
} from "../../core/index.ts"
import { type DecisionMade, Decisions } from "./decisions.ts"
import { mayBeShort } from "./engine/taint.ts"
import { type Tallier, Tally } from "./meters/index.ts"
import { withoutOtherRows } from "./rows.ts"
import type { Labels } from "./taint/labels.ts"
import { type Comer, measureLogin, objectionsTo } from "./taint/entry.ts"
import { measure, type Said } from "./taint/literals.ts"
import type { Releases } from "./taint/releases.ts"
import { Tracker } from "./taint/tracker.ts"
import type { World } from "./world.ts"

type Inspected =
  & Exchange
  & Reads<[typeof Principal]>
  & Writes<[typeof Receipt, typeof ReceiptBasis, typeof Protection, typeof Tally]>
type Seen = Exchange & Reads<[typeof Principal]>

/** What was made of one exchange. */
interface Judged {
  readonly exchange: Inspected
  readonly world: World
  made: DecisionMade
  said: Said | undefined
  /** The label's version that it rests on. */
  version: number
}

/** What a session judges by. */
export interface Room {
  /** The policy in force. */
  readonly current: () => World
  readonly labels: Labels
  /** Counts people, where a transfer has a cap. */
  readonly tallier: Tallier | undefined
  /** The plugin's own mode, when its options name one. */
  readonly mode: "enforce" | "shadow" | undefined
}

/** How many exchanges may be inspected and not yet settled; beyond it the oldest are refused. */
const JUDGED_MAX = 4096
/** How long a label may take to be read, in milliseconds. */
const LABEL_WAIT_MILLISECONDS = 10_000

/**
 * One session's operations, judged: by the policy in force, and by what the caller's run has seen by then. An operation
 * is judged when it is inspected; once more where its label had to be read first; and once more when it is forwarded,
 * if the label has grown in between.
 */
export class Judging {
  private readonly session: Session
  private readonly room: Room
  private readonly tracker: Tracker
  private readonly decisions = new Decisions()
  private readonly judged = new Map<number, Judged>()

  constructor(session: Session, room: Room) {
    this.session = session
    this.room = room
    this.tracker = new Tracker(room.labels, session)
  }

  get spool() {
    return this.tracker.spool
  }

  /**
   * A login: what it says reaches the upstream before anything is asked. So a run that has seen what may not go there
   * says it from its budget, as it would in a read.
   */
  authenticate(login: Login, facts: Reads<[typeof Principal]>): Admission | Hold<Admission> {
    const world = this.room.current()
    const pipeline = world.pipelines.get(this.session.pipeline)
    if (world.taint.mode === "off" || (this.room.mode ?? pipeline?.mode) === "shadow") return admit
    const principal = facts.get(Principal)
    const comer: Comer = { pipeline: this.session.pipeline, principal, login, now: this.session.now() }
    this.tracker.enter(world, principal)
    return hold({
      reason: "what the run has seen is being read",
      within: LABEL_WAIT_MILLISECONDS,
      until: Effect.flatMap(this.tracker.refresh(nothing), () => {
        this.tracker.inherit()
        return this.letIn(world, comer)
      })
    })
  }

  private letIn(world: World, comer: Comer): Effect.Effect<Admission> {
    const label = this.tracker.view()
    if (label === undefined || objectionsTo(world, comer, label).length === 0) return Effect.succeed(admit)
    const { literals, now: { spent } } = this.tracker.own
    const said = measureLogin(comer.login, isFixed(world, comer.pipeline), literals, spent)
    if (said.longest === 0) return Effect.succeed(admit)
    const [carried] = objectionsTo(world, comer, { ...label, literals: said })
    if (carried === undefined) return Effect.as(this.tracker.enterWith(said), admit)
    return Effect.succeed(saysTooMuch(carried))
  }

  inspect(exchange: Inspected): void {
    const world = this.room.current()
    if (world.taint.mode !== "off") this.tracker.enter(world, exchange.get(Principal))
    const judged: Judged = { exchange, world, ...this.judge(world, exchange) }
    this.judged.set(exchange.id, judged)
    this.tell(judged)
    if (this.judged.size <= JUDGED_MAX) return
    const [oldest] = this.judged.keys()
    if (oldest !== undefined) this.judged.delete(oldest)
  }

  /** Leaves out the rows that the caller may not see, where rows are told apart. */
  rewrite(exchange: Seen) {
    const { made: { filters }, world } = this.known(exchange)
    const pipeline = world.pipelines.get(this.session.pipeline)
    return filters.length === 0 ? undefined : pipeline && withoutOtherRows(pipeline, exchange.operation, filters)
  }

  decide(exchange: Seen): Verdict | Hold<Verdict> {
    const judged = this.known(exchange)
    return this.afterReading(judged, () => {
      if (judged.version !== this.version(judged)) this.again(judged)
      const { made: { verdict } } = judged
      const { tallier } = this.room
      const tally = tallier === undefined || verdict._tag === "Deny" ? undefined : exchange.find(Tally)
      return tally === undefined ? verdict : tallier!.reserve(tally)
    })
  }

  /** A piece of input: whatever the run has seen by now may be in it. */
  input(exchange: Seen): Verdict | Hold<Verdict> {
    const judged = this.known(exchange)
    if (judged.world.taint.mode === "off") return judged.made.verdict
    return this.afterReading(judged, () => {
      const now = this.decideOn(judged.world, exchange, this.view(exchange, judged.made))
      return isVoid(judged.made, now) ? approvedBefore : now.verdict
    })
  }

  /** The operation is forwarded, whoever else had to agree. Throws where it may not be any more. */
  forward(exchange: Seen): void {
    const judged = this.known(exchange)
    if (judged.world.taint.mode === "off") return
    const before = judged.made
    this.tracker.inherit()
    if (judged.version !== this.tracker.version) this.again(judged)
    if (judged.made.verdict._tag === "Deny" || isVoid(before, judged.made)) {
      throw new Error("the run has seen, meanwhile, what this may not carry")
    }
    const { made: { protection, releases }, said, world } = judged
    if (releases === undefined) return
    this.tracker.forward({
      exchange: exchange.id,
      from: world.pipelines.get(this.session.pipeline)?.at.name ?? "unknown",
      releases,
      masked: (name) => protection.obliged.includes(name) || exchange.find(Reveals) === false,
      said
    })
  }

  /** A piece of input is forwarded: what the run has seen since it began to write is in it. */
  forwardInput(exchange: Seen): void {
    const { made: { releases }, world } = this.known(exchange)
    if (world.taint.mode !== "off" && releases !== undefined) this.tracker.leave(releases)
  }

  end(exchange: Seen): void {
    this.judged.delete(exchange.id)
  }

  close(): void {
    this.tracker.close()
  }

  private known({ id }: Seen): Judged {
    const judged = this.judged.get(id)
    if (judged === undefined) throw new Error("an operation was decided that had not been inspected")
    return judged
  }

  private version({ world }: Judged): number {
    return world.taint.mode === "off" ? 0 : this.tracker.version
  }

  /** Judges at once where the label is known as it is now, else once it has been read. */
  private afterReading(judged: Judged, verdict: () => Verdict | Hold<Verdict>): Verdict | Hold<Verdict> {
    const { made: { releases }, world } = judged
    if (world.taint.mode === "off" || releases === undefined || this.tracker.fresh(releases)) return verdict()
    return hold({
      reason: "what the run has seen is being read",
      within: LABEL_WAIT_MILLISECONDS,
      brief: true,
      until: Effect.flatMap(this.tracker.refresh(releases), (): Effect.Effect<Verdict, PluginError> => {
        this.tracker.inherit()
        const answer = verdict()
        return answer._tag === "Hold" ? answer.until : Effect.succeed(answer)
      })
    })
  }

  private again(judged: Judged): void {
    Object.assign(judged, this.judge(judged.world, judged.exchange))
    this.tell(judged)
  }

  private tell({ exchange, made }: Judged): void {
    const { tallier } = this.room
    exchange.set(Receipt, made.receipt)
    exchange.set(ReceiptBasis, made.basis)
    // Also where nothing counts: what was asked may have counted, and have been rewritten since.
    if (tallier !== undefined) exchange.set(Tally, tallier.tally(made, exchange.operation, this.session.now()))
    exchange.set(Protection, made.protection)
  }

  private judge(world: World, exchange: Seen): Pick<Judged, "made" | "said" | "version"> {
    if (world.taint.mode === "off") {
      return { made: this.decideOn(world, exchange, undefined), said: undefined, version: 0 }
    }
    const { version } = this.tracker
    const made = this.decideOn(world, exchange, this.tracker.view())
    const taint = this.view(exchange, made)
    if (!objects(made) || taint === undefined) {
      return {
        made: taint?.shipped === undefined ? made : this.decideOn(world, exchange, taint),
        said: undefined,
        version
      }
    }
    const { now: { spent }, literals } = this.tracker.own
    const said = mayBeShort(world, exchange.operation) ? measure(exchange.operation, literals, spent) : undefined
    if (said === undefined) return { made: this.decideOn(world, exchange, taint), said, version }
    const { bytes, longest } = said
    const short = this.decideOn(world, exchange, { ...taint, literals: { bytes, longest, spent } })
    return { made: short, said: objects(short) ? undefined : said, version }
  }

  private view({ operation }: Seen, { releases }: DecisionMade) {
    return this.tracker.viewOf(operation, releases)
  }

  private decideOn(world: World, exchange: Seen, taint: ReturnType<Tracker["view"]>): DecisionMade {
    const { asked, operation } = exchange
    const { mode, tallier } = this.room
    const now = this.session.now()
    return this.decisions.decide(world, {
      pipeline: this.session.pipeline,
      principal: exchange.get(Principal),
      operation,
      asked,
      now,
      mode,
      taint,
      spent: tallier === undefined ? undefined : tallier.spent(world, now)
    })
  }
}

/** What a login touches: nothing. */
const nothing: Releases = { dataSets: [], from: [], into: [], listens: false }

/** Whether the file says which database it always is. */
const isFixed = (world: World, pipeline: string): boolean =>
  world.document.pipelines.find(({ name }) => name === pipeline)?.database !== undefined

const saysTooMuch = (dataSet: string): Deny =>
  deny(
    "taint",
    `${dataSet} may not reach this upstream, the run has seen it, and this login says something in words of its own.`,
    {
      detail: "check taint; the name of the database and the startup settings reach the upstream",
      hint:
        "Leave out startup settings, and ask the operator to fix the database of this pipeline (`upstream.database`)."
    }
  )

/** Whoever said yes, said it of other inputs: nobody has been asked about these. */
const isVoid = (before: DecisionMade, now: DecisionMade): boolean =>
  now.receipt.outcome === "approve" && now.receipt.inputs !== before.receipt.inputs

const approvedBefore: Deny = deny(
  "taint",
  "The run has seen more since this was judged, and nobody approved of that.",
  {
    hint: "Ask again: it is judged anew."
  }
)

const objects = ({ receipt }: DecisionMade): boolean =>
  receipt.checks.some(({ check, outcome }) => check === "taint" && outcome !== "allow")
