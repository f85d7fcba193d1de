import { advance, type Advanced, type Event, isOver, type Request } from "../../../plugins/approval/request.ts"
import { type Person, personOf } from "../../../plugins/approval/person.ts"

/** A source of numbers that is the same for the same seed (mulberry32). */
export const numbers = (seed: number) => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  return { next, below: (count: number) => Math.floor(next() * count), chance: (share: number) => next() < share }
}

export type Machine = (request: Request, event: Event, now: number) => Advanced

/** Someone of flesh and blood, under one of the names that they go by. */
interface Human {
  readonly human: number
  readonly person: Person
}

const humans: ReadonlyArray<ReadonlyArray<Human>> = Array.from({ length: 4 }, (_, human) => [
  { human, person: named("https://one.test", `h${human}`, `h${human}@example.com`) },
  { human, person: named("https://two.test", `x${human}`, `H${human}+work@Example.com`) }
])

function named(issuer: string, subject: string, email: string): Person {
  return personOf({ issuer, subject, groups: [], claims: { email } })
}

/** What was really done, kept apart from what the machine keeps. */
interface Truth {
  readonly filed: string
  readonly chain: ReadonlySet<number>
  readonly yes: Set<number>
  no: boolean
  revoked: boolean
  reached: boolean
  executions: number
}

/** A gateway's session that waits for a request. */
interface Waiter {
  readonly gateway: number
  readonly id: string
  phase: "waiting" | "released" | "gone"
  /** What would run now: changes when the policy or a definition does. */
  binding: string
}

export interface Broken {
  readonly what: string
  readonly seed: number
}

const UNTIL = 100

/** One random interleaving of two gateways, four people and a clock. Every line of it is one atomic step. */
export const interleave = (machine: Machine, seed: number): ReadonlyArray<Broken> => {
  const random = numbers(seed)
  const stored = new Map<string, Request>()
  const truths = new Map<string, Truth>()
  const waiters: Array<Waiter> = []
  const lives = [0, 0]
  const broken: Array<Broken> = []
  let now = 0
  const check = (holds: boolean, what: string): void => {
    if (!holds) broken.push({ what, seed })
  }
  const step = (id: string, event: Event): string | undefined => {
    const before = stored.get(id)!
    const { refusal, request } = machine(before, event, now)
    stored.set(id, request)
    check(!isOver(before) || request.status === before.status, "what had ended changed")
    return refusal
  }
  const file = (): void => {
    const gateway = random.below(2)
    const chain = [humans[random.below(2)]![random.below(2)]!]
    if (random.chance(0.3)) chain.push(humans[2]![random.below(2)]!)
    const id = `ap-${stored.size}`
    const binding = `b${random.below(3)}`
    stored.set(id, requestOf(id, binding, `g${gateway}-${lives[gateway]}`, chain, 1 + random.below(3), now))
    truths.set(id, {
      filed: binding,
      chain: new Set(chain.map(({ human }) => human)),
      yes: new Set(),
      no: false,
      revoked: false,
      reached: false,
      executions: 0
    })
    waiters.push({ gateway, id, phase: "waiting", binding })
  }
  const decide = (id: string): void => {
    const truth = truths.get(id)!
    const { human, person } = humans[random.below(4)]![random.below(2)]!
    const by = { person, groups: random.chance(0.9) ? ["dpo"] : [] }
    const before = stored.get(id)!
    if (random.chance(0.3)) {
      if (step(id, { _tag: "Deny", by }) === undefined) {
        check(truth.executions === 0, "a no was taken after the execution")
        truth.no = true
      }
      return
    }
    const binding = random.chance(0.1) ? "another" : before.binding
    if (step(id, { _tag: "Approve", by, binding }) !== undefined) return
    check(by.groups.length > 0, "somebody outside the group approved")
    check(!truth.chain.has(human), "somebody approved for themselves")
    check(binding === truth.filed, "something else was approved than was asked")
    truth.yes.add(human)
    truth.reached ||= truth.yes.size >= before.rules.quorum
  }
  /** As the holder does: looks, is judged anew, uses, and only then forwards. A crash may come between any two. */
  const drive = (waiter: Waiter): void => {
    const request = stored.get(waiter.id)!
    const truth = truths.get(waiter.id)!
    if (waiter.phase === "gone") return
    if (waiter.phase === "waiting") {
      step(waiter.id, { _tag: "Expire" })
      if (request.status === "approved") waiter.phase = "released"
      else if (isOver(request)) waiter.phase = "gone"
      return
    }
    waiter.phase = "gone"
    if (step(waiter.id, { _tag: "Use", binding: waiter.binding }) !== undefined) return
    if (random.chance(0.1)) return
    truth.executions++
    check(waiter.binding === truth.filed, "what ran was not what was approved")
    check(truth.executions === 1, "it ran twice")
    check(truth.yes.size >= request.rules.quorum, "it ran without enough people")
    check(!truth.no, "it ran after a no")
    check(!truth.revoked, "it ran after it was revoked")
    check(now < request.until, "it ran too late")
  }
  const crash = (): void => {
    const gateway = random.below(2)
    lives[gateway]!++
    for (const waiter of waiters) if (waiter.gateway === gateway) waiter.phase = "gone"
    for (const [id, { life, status }] of stored) {
      if (life.startsWith(`g${gateway}-`) && !isOver({ status } as Request))
        step(id, { _tag: "Void", reason: "restart" })
    }
  }
  const any = <A>(list: ReadonlyArray<A>): A => list[random.below(list.length)]!
  file()
  for (let count = 12 + random.below(16); count > 0; count--) {
    const dice = random.next()
    const id = any([...stored.keys()])
    if (dice < 0.08) file()
    else if (dice < 0.45) decide(id)
    else if (dice < 0.8) drive(any(waiters))
    else if (dice < 0.85) now += random.below(UNTIL)
    else if (dice < 0.89) {
      if (step(id, { _tag: "Void", reason: "revoked" }) === undefined) truths.get(id)!.revoked = true
    } else if (dice < 0.92) any(waiters).phase = "gone"
    else if (dice < 0.95) any(waiters).binding = `b${random.below(3)}`
    else if (dice < 0.97) replay(waiters, any(waiters))
    else crash()
  }
  for (const [id, request] of stored) {
    const { executions, no, reached, revoked } = truths.get(id)!
    const stood = reached && !no && !revoked && !request.steps.some(({ step }) => step === "void" || step === "expired")
    check(!stood || request.status === "approved" || request.status === "used", "a decision was lost")
    check(!no || request.status === "denied", "a no was lost")
    check(executions === 0 || request.status === "used", "what ran is not marked as used")
  }
  return broken
}

/** Another session, of any gateway, comes with a request that was approved for the first. */
const replay = (waiters: Array<Waiter>, { binding, id }: Waiter): void => {
  waiters.push({ gateway: 0, id, phase: "released", binding })
}

const requestOf = (
  id: string,
  binding: string,
  life: string,
  chain: ReadonlyArray<Human>,
  quorum: number,
  now: number
): Request => ({
  version: 1,
  id,
  gateway: life.split("-")[0]!,
  life,
  clients: "wait",
  binding,
  rules: { approvers: ["dpo"], quorum, within_seconds: 1, reason_required: false },
  chain: chain.map(({ person }) => person),
  shown: {
    pipeline: "orders",
    from: "de",
    address: "db:5432",
    kind: "read",
    text: "select 1",
    parameters: [],
    who: [],
    reads: [],
    writes: [],
    sinks: [],
    why: [],
    policy: ""
  },
  status: "pending",
  at: now,
  until: now + UNTIL,
  votes: [],
  steps: [],
  recorded: 0
})

/** Machines with one rule less. Each must be found out. */
export const mutants: Readonly<Record<string, Machine>> = {
  "lets people approve for themselves": (request, event, now) =>
    event._tag === "Approve"
      ? withChain(advance({ ...request, chain: [] }, event, now), request)
      : advance(request, event, now),
  "counts one person twice": (request, event, now) => {
    if (event._tag !== "Approve") return advance(request, event, now)
    const renamed = request.votes.map((vote, i) => ({ ...vote, by: { issuer: "", subject: `${i}`, names: [] } }))
    return advance({ ...request, votes: renamed }, event, now)
  },
  "knows people by issuer and subject alone": (request, event, now) =>
    event._tag === "Approve" || event._tag === "Deny"
      ? withChain(
        advance(
          {
            ...request,
            chain: request.chain.map((one) => ({ ...one, names: [] })),
            votes: request.votes.map((vote) => ({ ...vote, by: { ...vote.by, names: [] } }))
          },
          event,
          now
        ),
        request
      )
      : advance(request, event, now),
  "does not compare what runs": (request, event, now) =>
    advance(request, event._tag === "Use" ? { ...event, binding: request.binding } : event, now),
  "does not compare what was shown": (request, event, now) =>
    advance(request, event._tag === "Approve" ? { ...event, binding: request.binding } : event, now),
  "leaves what was used approved": (request, event, now) => {
    const advanced = advance(request, event, now)
    return event._tag === "Use" && advanced.refusal === undefined
      ? { request: { ...advanced.request, status: "approved" } }
      : advanced
  },
  "takes no after a yes for nothing": (request, event, now) =>
    event._tag === "Deny" && request.status === "approved" ? { request } : advance(request, event, now),
  "forgets the time": (request, event) => advance({ ...request }, event, request.at),
  "opens what was denied again": (request, event, now) =>
    advance(
      request.status === "denied" && event._tag === "Approve" ? { ...request, status: "pending" } : request,
      event,
      now
    ),
  "ignores revocations of what is approved": (request, event, now) =>
    event._tag === "Void" && request.status === "approved" ? { request } : advance(request, event, now),
  "asks one person less": (request, event, now) => {
    if (event._tag !== "Approve") return advance(request, event, now)
    const rules = { ...request.rules, quorum: Math.max(1, request.rules.quorum - 1) }
    const advanced = advance({ ...request, rules }, event, now)
    return { ...advanced, request: { ...advanced.request, rules: request.rules } }
  },
  "asks nobody's group": (request, event, now) =>
    advance(
      request,
      event._tag === "Approve" ? { ...event, by: { ...event.by, groups: request.rules.approvers } } : event,
      now
    ),
  "loses a vote that comes beside another": (request, event, now) => {
    const advanced = advance(request, event, now)
    return event._tag === "Approve" && advanced.request.status === "approved" && request.votes.length > 0
      ? { request: { ...advanced.request, status: "pending" } }
      : advanced
  }
}

const withChain = (advanced: Advanced, { chain }: Request): Advanced => ({
  ...advanced,
  request: { ...advanced.request, chain }
})
