import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { PluginError, State } from "../../../core/index.ts"
import type { Grant } from "../../../plugins/approval/grant.ts"
import { Book } from "../../../plugins/approval/book.ts"
import { samePerson } from "../../../plugins/approval/person.ts"
import { isOver, type Request } from "../../../plugins/approval/request.ts"
import { filingOf, Hall, type Human, humans, Life, WITHIN_SECONDS } from "./town.ts"
import { numbers } from "./simulation.ts"

/** What was really done with a request, kept apart from what the state keeps. */
interface Truth {
  readonly filed: string
  readonly quorum: number
  readonly chain: ReadonlySet<number>
  /** Whose yes was acknowledged. */
  readonly yes: Set<number>
  no: boolean
  withdrawn: boolean
  executions: number
}

/** A session that waits, in a life of a gateway. */
interface Session {
  readonly life: Life
  fiber: Fiber.Fiber<unknown, unknown> | undefined
  id: string | undefined
}

const GRANTED_USES = 2
/** How often whoever waits is told that there may be news, before they count as forgotten. */
const LOOKS_MAX = 150

/**
 * One random course of events: two gateways on one real state, four people, a clock, and crashes. What happens in one
 * round happens at once, and nothing but the state says in which order. Answers what did not hold.
 */
export const live = async (
  states: readonly [State["Service"], State["Service"]],
  seed: number,
  cut: () => Promise<void>
): Promise<ReadonlyArray<string>> => {
  const town = new Town(states, seed, cut)
  await town.pass()
  return town.broken.map((what) => `seed ${seed}: ${what}`)
}

/** The same keys for every town, in a space of its own. */
const apart = (state: State["Service"], seed: number): State["Service"] => ({
  read: (space, key) => state.read(`${space}-${seed}`, key),
  update: (space, key, change) => state.update(`${space}-${seed}`, key, change),
  list: (space, prefix) => state.list(`${space}-${seed}`, prefix)
})

class Town {
  readonly broken: Array<string> = []
  private readonly random: ReturnType<typeof numbers>
  private readonly hall = new Hall()
  private readonly states: ReadonlyArray<State["Service"]>
  private readonly truths = new Map<string, Truth>()
  private readonly granted = new Map<string, number>()
  private readonly sessions: Array<Session> = []
  private readonly gateways: Array<Life> = []
  private readonly cut: () => Promise<void>
  private lives = 0
  private essences = 0

  constructor(states: readonly [State["Service"], State["Service"]], seed: number, cut: () => Promise<void>) {
    this.random = numbers(seed)
    this.states = states.map((state) => apart(state, seed))
    this.cut = cut
  }

  async pass(): Promise<void> {
    await this.begin(0)
    await this.begin(1)
    await this.file()
    for (let rounds = 5 + this.random.below(5); rounds > 0; rounds--) {
      const deeds = Array.from({ length: 1 + this.random.below(4) }, () => this.deed())
      await Promise.all(deeds.map((deed) => deed()))
    }
    await this.finish()
  }

  private check(holds: boolean, what: string): void {
    if (!holds) this.broken.push(what)
  }

  private run<A, E>(effect: Effect.Effect<A, E>) {
    return Effect.runPromise(Effect.result(this.hall.timed(effect)))
  }

  /** Connections may be cut at any time, by a neighbour too. */
  private async insist<A>(effect: Effect.Effect<A, PluginError>): Promise<A> {
    for (let left = 20;; left--) {
      const done = await this.run(effect)
      if (done._tag === "Success") return done.success
      if (left === 0) throw new Error(done.failure.message)
    }
  }

  private async begin(gateway: number): Promise<void> {
    const name = `life-${this.lives++}`
    // Now and then two gateways bear one name.
    const life = new Life(
      this.random.chance(0.3) ? "gateway" : `gateway-${gateway}`,
      name,
      this.states[gateway]!,
      this.hall
    )
    this.gateways[gateway] = life
    await this.insist(life.begin())
  }

  private any<A>(list: ReadonlyArray<A>): A {
    return list[this.random.below(list.length)]!
  }

  /** Chosen now, so that the seed says all of it; done when it is called. */
  private deed(): () => Promise<void> {
    const dice = this.random.next()
    const life = this.any(this.gateways)
    if (this.truths.size === 0) return () => this.file()
    const id = this.any([...this.truths.keys()])
    const human = this.any(humans[this.random.below(4)]!)
    if (dice < 0.14) return () => this.file()
    if (dice < 0.5) return this.decision(life, id, human)
    if (dice < 0.56) return () => this.withdraw(life, id)
    if (dice < 0.6) {
      return async () => void this.hall.revoked.set(human.human, this.hall.now - 500)
    }
    if (dice < 0.64) {
      const { fiber } = this.any(this.sessions)
      return async () => void (fiber !== undefined && await Effect.runPromise(Fiber.interrupt(fiber)))
    }
    if (dice < 0.68) {
      const milliseconds = this.random.below(WITHIN_SECONDS * 700)
      return async () => void (this.hall.now += milliseconds)
    }
    if (dice < 0.75) return () => this.crash(this.random.below(2))
    if (dice < 0.78) return this.cut
    return async () => void await this.run(life.office.lookAtAll)
  }

  private decision(life: Life, id: string, human: Human): () => Promise<void> {
    const approve = this.random.chance(0.8)
    const shown = this.random.chance(0.1) ? "another" : this.truths.get(id)!.filed
    const token = this.hall.tokenOf(human)
    const grant = this.random.chance(0.3) ? { seconds: 50, uses: GRANTED_USES, kinds: ["read" as const] } : undefined
    return async () => {
      const { desk } = life
      const decided = await this.run(
        Effect.flatMap(desk.admit(token), (visitor) => desk.decide(visitor, id, { approve, binding: shown, grant }))
      )
      if (decided._tag === "Failure") return
      const truth = this.truths.get(id)!
      if (approve) {
        this.check(shown === truth.filed, "something else was approved than was asked")
        this.check(!truth.yes.has(human.human), "one person was counted twice")
        truth.yes.add(human.human)
      } else truth.no = true
      this.check(!truth.chain.has(human.human), "somebody decided for themselves")
    }
  }

  private async withdraw(life: Life, id: string): Promise<void> {
    const human = humans[[...this.truths.get(id)!.chain][0]!]![0]!
    const { desk } = life
    const gone = await this.run(
      Effect.flatMap(desk.admit(this.hall.tokenOf(human)), (visitor) => desk.revoke(visitor, id))
    )
    if (gone._tag === "Success") this.truths.get(id)!.withdrawn = true
  }

  /** Asks as a session's holder does: files, waits, is judged anew, uses, and only then forwards. */
  private async file(): Promise<void> {
    const life = this.any(this.gateways)
    const chain = [this.any(humans[this.random.below(2)]!)]
    if (this.random.chance(0.3)) chain.push(this.any(humans[2]!))
    const essence = `e${this.essences++}`
    const quorum = 1 + this.random.below(2)
    const judgedAnew = this.random.chance(0.1) ? "changed" : essence
    const crashes = this.random.chance(0.1)
    const session: Session = { life, fiber: undefined, id: undefined }
    this.sessions.push(session)
    const filed = await this.run(life.office.file(filingOf(this.hall, chain, essence, quorum)))
    if (filed._tag === "Failure" || life.over) return
    if (filed.success._tag === "Granted") {
      const { id, uses } = { id: filed.success.grant.id, uses: this.granted.get(filed.success.grant.id) ?? 0 }
      this.granted.set(id, uses + 1)
    }
    if (filed.success._tag !== "Waiting") return
    const { id } = filed.success.request
    session.id = id
    const chained = new Set(chain.map(({ human }) => human))
    const truth: Truth = {
      filed: essence,
      quorum,
      chain: chained,
      yes: new Set(),
      no: false,
      withdrawn: false,
      executions: 0
    }
    this.truths.set(id, truth)
    const waited = Effect.gen({ self: this }, function*() {
      const { status } = yield* life.office.settled(id)
      if (status !== "approved") return
      const denial = yield* life.office.use(id, judgedAnew)
      if (denial !== undefined || crashes || life.over) return
      truth.executions++
      this.check(judgedAnew === essence, "what ran is not what was approved")
    }).pipe(Effect.onInterrupt(() => Effect.sync(() => life.office.abandon(id, "nobody waits for it any more"))))
    session.fiber = Effect.runFork(Effect.result(this.hall.timed(waited)))
  }

  /** A life is over in the middle of whatever it does, and leaves what it left. The next one begins. */
  private async crash(gateway: number): Promise<void> {
    const life = this.gateways[gateway]!
    life.over = true
    for (const session of this.sessions) {
      if (session.life === life && session.fiber !== undefined) void Effect.runPromise(Fiber.interrupt(session.fiber))
    }
    await this.begin(gateway)
  }

  /** Lets all that live see what there is to see, and then compares. */
  private async finish(): Promise<void> {
    for (let looks = 0; looks < 6; looks++) {
      this.hall.now += 1200
      for (const life of this.gateways) {
        await this.insist(life.lives.beat)
        await this.insist(life.office.lookAtAll)
      }
    }
    const book = new Book(this.states[0]!)
    const [requests, grants, open] = await this.insist(Effect.all([book.requests, book.grants, book.open]))
    for (const request of requests) if (request.status !== "pending") await this.settled(request.id)
    const settled = await this.run(book.requests)
    const alive = new Set(this.gateways.map(({ name }) => name))
    if (settled._tag === "Success") { for (const request of settled.success) this.compare(request, alive) }
    for (const id of this.truths.keys()) {
      this.check(requests.some((request) => request.id === id), "a request is gone")
    }
    this.check(open.every(({ life }) => alive.has(life!)), "what a crash left is looked after by nobody")
    for (const grant of grants) this.compareGrant(grant)
    for (const { fiber } of this.sessions) if (fiber !== undefined) await Effect.runPromise(Fiber.interrupt(fiber))
  }

  /** Whoever waits for it has been told, and has done what they do then. */
  private async settled(id: string): Promise<void> {
    const session = this.sessions.find((one) => one.id === id)
    if (session?.fiber === undefined || session.life.over) return
    for (let looks = 0; looks < LOOKS_MAX; looks++) {
      // Again and again, as looks are: whoever was just reading the old state hears only the next.
      session.life.office.changed(id)
      const joined = await Effect.runPromise(Effect.timeoutOption(Fiber.await(session.fiber), 200))
      if (joined._tag === "Some") return
    }
    this.check(false, "somebody still waits for what is over")
  }

  private compare(request: Request, alive: ReadonlySet<string>): void {
    const { chain, life, status, steps, votes } = request
    const orphaned = steps.some(({ reason }) => reason === "the gateway that asked is gone")
    this.check(!orphaned || !alive.has(life), "a gateway that lives was taken for gone")
    const truth = this.truths.get(request.id)
    this.check(votes.every(({ by }) => !chain.some((one) => samePerson(one, by))), "somebody approved for themselves")
    this.check(new Set(votes.map(({ by }) => by.names.join())).size === votes.length, "one person counts twice")
    const ends = steps.filter(({ step }) => ["denied", "expired", "void", "used"].includes(step))
    this.check(ends.length === (isOver(request) ? 1 : 0), "it ended more than once")
    this.check(isOver(request) || alive.has(life), "a request waits in a life that is over")
    if (truth === undefined) return
    this.check(truth.executions <= 1, "it ran twice")
    this.check(truth.executions === 0 || status === "used", "what ran is not marked as used")
    this.check(truth.executions === 0 || votes.length >= truth.quorum, "it ran without enough people")
    this.check(truth.yes.size <= votes.length, "a yes was lost")
    this.check(!truth.no || status === "denied", "a no was lost")
    this.check(!truth.withdrawn || status === "void", "a withdrawal was lost")
    this.check(votes.length < truth.quorum || status !== "pending", "a decision was lost")
    const { recorded } = request
    this.check(!isOver(request) || recorded === steps.length, "a step was not recorded")
  }

  private compareGrant({ id, usesLeft }: Grant): void {
    const uses = this.granted.get(id) ?? 0
    this.check(uses <= GRANTED_USES - usesLeft, "a grant was used more often than it says")
    this.check(usesLeft >= 0, "a grant has less than no uses left")
  }
}
