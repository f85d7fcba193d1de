import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { deny, type PluginError, type Principal, type State, type VerifiedToken } from "../../../core/index.ts"
import type { Filing } from "../../../plugins/approval/approvals.ts"
import { Book } from "../../../plugins/approval/book.ts"
import { Desk } from "../../../plugins/approval/desk.ts"
import { Diary } from "../../../plugins/approval/diary.ts"
import { Lives } from "../../../plugins/approval/lives.ts"
import { Office } from "../../../plugins/approval/office.ts"
import { personOf } from "../../../plugins/approval/person.ts"

/** Someone of flesh and blood, under one of the names that they go by. */
export interface Human {
  readonly human: number
  readonly principal: Principal
}

/** Four people, each with two names that are one. */
export const humans: ReadonlyArray<ReadonlyArray<Human>> = Array.from({ length: 4 }, (_, human) => [
  { human, principal: named("https://one.test", `h${human}`, `h${human}@example.com`) },
  { human, principal: named("https://two.test", `x${human}`, `H${human}+work@Example.com`) }
])

function named(issuer: string, subject: string, email: string): Principal {
  return { issuer, subject, groups: ["dpo"], claims: { email }, actors: [], evidence: "asserted", expiresAt: undefined }
}

/** The time in a town, and what was taken back there. Everybody has the same clock, and it only moves when told to. */
export class Hall {
  now = 1_000_000
  /** When what a human had proved was last taken back. */
  readonly revoked = new Map<number, number>()

  /** Runs with the town's clock; waiting is real. */
  readonly timed = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.flatMap(Effect.context(), (context) => {
      const real = Context.get(context, Clock.Clock)
      const clock: Clock.Clock = {
        currentTimeMillisUnsafe: () => this.now,
        currentTimeMillis: Effect.sync(() => this.now),
        currentTimeNanosUnsafe: () => BigInt(this.now) * 1_000_000n,
        currentTimeNanos: Effect.sync(() => BigInt(this.now) * 1_000_000n),
        monotonicTimeNanosUnsafe: () => real.monotonicTimeNanosUnsafe(),
        monotonicTimeNanos: real.monotonicTimeNanos,
        sleep: (duration) => real.sleep(duration)
      }
      return Effect.provideService(effect, Clock.Clock, clock)
    })

  /** A token says who brings it, and since when it holds. */
  readonly tokenOf = ({ human, principal }: Human): string =>
    JSON.stringify({
      name: humans[human]!.findIndex((one) => one.principal === principal),
      human,
      iat: this.now - 1000
    })
}

/** One life of a gateway: the real office and the real desk, on a state that may be shared. */
export class Life {
  readonly office: Office
  readonly desk: Desk
  readonly lives: Lives
  readonly name: string
  over = false

  constructor(gateway: string, life: string, state: State["Service"], hall: Hall) {
    this.name = life
    const book = new Book(state)
    this.lives = new Lives({ state, gateway, life, now: () => hall.now, elapsed: () => hall.now })
    const revocations = {
      watch: () => () => {},
      check: ({ chain, issuedAt }: { chain: ReadonlyArray<{ subject: string }>; issuedAt: number }) =>
        Effect.sync(() => {
          const human = Number(chain[0]!.subject.slice(1))
          return issuedAt <= (hall.revoked.get(human) ?? -1) ? deny("revoked", "It was taken back.") : undefined
        })
    }
    const announce = (): void => {}
    this.office = new Office({
      book,
      gateway,
      life,
      lives: this.lives,
      diary: new Diary(undefined),
      revocations,
      announce
    })
    this.desk = new Desk({
      book,
      revocations,
      tokens: { issuers: [], verify: (token) => Effect.succeed(verifiedIn(token)) },
      callers: { of: ({ claims }) => humans[claims["human"] as number]![claims["name"] as number]!.principal },
      onlookers: { refusal: () => undefined, refusalAt: () => undefined },
      changed: (id) => this.office.changed(id)
    })
  }

  readonly begin = (): Effect.Effect<void, PluginError> => Effect.asVoid(this.lives.beat)
}

const verifiedIn = (token: string): VerifiedToken => {
  const claims = JSON.parse(token)
  const { issuer, subject } = humans[claims.human]![claims.name]!.principal
  return { issuer, subject, claims: { ...claims, iat: claims.iat / 1000 }, evidence: "asserted", expiresAt: 9e15 }
}

export const WITHIN_SECONDS = 100

/** What somebody asks, through somebody else if need be. */
export const filingOf = (hall: Hall, chain: ReadonlyArray<Human>, essence: string, quorum: number): Filing => {
  const people = chain.map(({ principal }) => personOf(principal))
  const pipeline = { pipeline: "orders", address: "db:5432" }
  return {
    essence,
    binding: essence,
    config: {
      approvers: ["dpo"],
      quorum,
      within_seconds: WITHIN_SECONDS,
      reason_required: false,
      clients: "wait",
      open_max_per_identity: 100,
      per_minute_max: 1000,
      open_max: 1000
    },
    chain: people,
    shown: {
      ...pipeline,
      from: "de",
      kind: "read",
      text: `select '${essence}'`,
      parameters: [],
      who: chain.map(({ principal: { groups, issuer, subject } }) => ({ issuer, subject, groups })),
      reads: ["customers"],
      writes: [],
      sinks: [],
      why: [],
      policy: ""
    },
    need: { ...pipeline, chain: people, dataSets: ["customers"], sinks: [], kind: "read" },
    now: hall.now
  }
}
