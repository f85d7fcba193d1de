import * as Effect from "effect/Effect"
import {
  type Exchange,
  type Hold,
  hold,
  type PluginError,
  Principal,
  Protection,
  type Reads,
  Receipt,
  Reveals,
  type Session,
  type Verdict,
  type Writes
} from "../../core/index.ts"
import { type DecisionMade, Decisions } from "./decisions.ts"
import { mayBeShort } from "./engine/taint.ts"
import type { Labels } from "./taint/labels.ts"
import { measure, type Said } from "./taint/literals.ts"
import { Tracker } from "./taint/tracker.ts"
import type { World } from "./world.ts"

type Inspected = Exchange & Reads<[typeof Principal]> & Writes<[typeof Receipt, typeof Protection]>
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
  private readonly current: () => World
  private readonly mode: "enforce" | "shadow" | undefined
  private readonly tracker: Tracker
  private readonly decisions = new Decisions()
  private readonly judged = new Map<number, Judged>()

  constructor(session: Session, current: () => World, labels: Labels, mode: "enforce" | "shadow" | undefined) {
    this.session = session
    this.current = current
    this.mode = mode
    this.tracker = new Tracker(labels, session)
  }

  get spool() {
    return this.tracker.spool
  }

  inspect(exchange: Inspected): void {
    const world = this.current()
    if (world.taint.mode !== "off") this.tracker.enter(world, exchange.get(Principal))
    const judged: Judged = { exchange, world, ...this.judge(world, exchange) }
    this.judged.set(exchange.id, judged)
    this.tell(judged)
    if (this.judged.size <= JUDGED_MAX) return
    const [oldest] = this.judged.keys()
    if (oldest !== undefined) this.judged.delete(oldest)
  }

  decide(exchange: Seen): Verdict | Hold<Verdict> {
    return this.settled(this.known(exchange))
  }

  /** A piece of input: whatever the run has seen by now may be in it. */
  input(exchange: Seen): Verdict | Hold<Verdict> {
    const judged = this.known(exchange)
    if (judged.world.taint.mode === "off") return judged.made.verdict
    return this.afterReading(
      judged,
      () => this.decideOn(judged.world, exchange, this.view(exchange, judged.made)).verdict
    )
  }

  /** The operation is forwarded, whoever else had to agree. Throws where it may not be any more. */
  forward(exchange: Seen): void {
    const judged = this.known(exchange)
    if (judged.world.taint.mode === "off") return
    if (judged.version !== this.tracker.version) this.again(judged)
    if (judged.made.verdict._tag === "Deny") throw new Error("the run has seen, meanwhile, what this may not carry")
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

  private known({ id }: Seen): Judged {
    const judged = this.judged.get(id)
    if (judged === undefined) throw new Error("an operation was decided that had not been inspected")
    return judged
  }

  private settled(judged: Judged): Verdict | Hold<Verdict> {
    if (judged.world.taint.mode === "off") return judged.made.verdict
    return this.afterReading(judged, () => {
      if (judged.version !== this.tracker.version) this.again(judged)
      return judged.made.verdict
    })
  }

  /** Judges at once where the label is known as it is now, else once it has been read. */
  private afterReading(judged: Judged, verdict: () => Verdict): Verdict | Hold<Verdict> {
    const { releases } = judged.made
    if (releases === undefined || this.tracker.fresh(releases)) return verdict()
    return hold({
      reason: "what the run has seen is being read",
      within: LABEL_WAIT_MILLISECONDS,
      brief: true,
      until: Effect.map(this.tracker.refresh(releases), (): Verdict => {
        this.tracker.begin()
        return verdict()
      }) satisfies Effect.Effect<Verdict, PluginError>
    })
  }

  private again(judged: Judged): void {
    Object.assign(judged, this.judge(judged.world, judged.exchange))
    this.tell(judged)
  }

  private tell({ exchange, made }: Judged): void {
    exchange.set(Receipt, made.receipt)
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
    const { mode } = this
    const { pipeline } = this.session
    const principal = exchange.get(Principal)
    return this.decisions.decide(world, { pipeline, principal, operation, asked, now: this.session.now(), mode, taint })
  }
}

const objects = ({ receipt }: DecisionMade): boolean =>
  receipt.checks.some(({ check, outcome }) => check === "taint" && outcome !== "allow")
