import * as Effect from "effect/Effect"
import { type PluginError, pluginError, type State } from "../../core/index.ts"

const SPACE = "approvals"
const PREFIX = "life/"

/** How long a life may be silent before it counts as over. Milliseconds, of a clock that never goes back. */
export const SILENCE_MILLISECONDS = 5000
/** The same for one of this gateway's own name, when this life begins: it is most likely the one that went before. */
const MEETING_MILLISECONDS = 1500
const MEETING_LOOK_MILLISECONDS = 250
/** Whoever did not look for so long knows nothing of who was silent meanwhile. */
const GAP_MILLISECONDS = 2000

/** What a life leaves in the state with each beat. */
interface Beat {
  readonly version: 1
  readonly gateway: string
  readonly count: number
  /** Milliseconds since the epoch, by the clock of whoever beats. */
  readonly at: number
}

export interface LivesRoom {
  readonly state: State["Service"]
  readonly gateway: string
  /** Unlike that of every other life of any gateway. */
  readonly life: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds of a clock that never goes back. */
  readonly elapsed: () => number
}

/**
 * Which gateways share the state, and which of them still live: each changes an entry of its own with every beat. How
 * long one was silent is measured by whoever looks, over what it has seen itself: clocks are never compared for it, and
 * two gateways of one name are two. A life that counts as over by mistake finds its requests void, and nothing worse.
 */
export class Lives {
  private readonly room: LivesRoom
  private readonly seen = new Map<string, { readonly text: string; readonly since: number }>()
  private listed: ReadonlyMap<string, Beat> = new Map()
  /** How far the clocks of others are from this one's, in milliseconds, by their last beat that was seen as it came. */
  private readonly skews = new Map<string, number>()
  private lookedAt = Number.NEGATIVE_INFINITY
  private count = 0
  private meeting = false

  constructor(room: LivesRoom) {
    this.room = room
  }

  /** Says that this life goes on. False: somebody took it for over meanwhile. */
  readonly beat: Effect.Effect<boolean, PluginError> = Effect.suspend(() => {
    const { gateway, life, now, state } = this.room
    const count = ++this.count
    const next = JSON.stringify({ version: 1, gateway, count, at: now() } satisfies Beat)
    return state.update(SPACE, PREFIX + life, (current) => ({
      next,
      result: current !== undefined || count === 1
    }))
  })

  /** Nobody waits in this life any more. */
  readonly end: Effect.Effect<void, PluginError> = Effect.suspend(() =>
    this.room.state.update(SPACE, PREFIX + this.room.life, () => ({ next: undefined, result: undefined }))
  )

  /**
   * Begins this life: waits until every life of the same name was seen to go on, or is taken out. A gateway that was
   * killed and started again so finds at once what it left; a twin is left alone.
   */
  readonly meet: Effect.Effect<void, PluginError> = Effect.suspend(() => this.begin())

  private begin(): Effect.Effect<void, PluginError> {
    return Effect.gen({ self: this }, function*() {
      const { gateway, life } = this.room
      this.meeting = true
      for (;;) {
        yield* this.look
        const unknown = [...this.listed].some(([name, beat]) =>
          name !== life && beat.gateway === gateway && !this.skews.has(name)
        )
        if (!unknown) break
        yield* Effect.sleep(MEETING_LOOK_MILLISECONDS)
        // A twin that begins now is watching, too.
        yield* this.beat
      }
      this.meeting = false
    })
  }

  /** Looks at who lives, and takes out whoever was silent for too long. */
  readonly look: Effect.Effect<void, PluginError> = Effect.suspend(() => this.everybody())

  private everybody(): Effect.Effect<void, PluginError> {
    return Effect.gen({ self: this }, function*() {
      const { elapsed, life, state } = this.room
      const entries = yield* state.list(SPACE, PREFIX)
      const now = elapsed()
      if (now - this.lookedAt > GAP_MILLISECONDS) this.seen.clear()
      this.lookedAt = now
      const listed = new Map<string, Beat>()
      for (const [key, text] of entries) {
        const name = key.slice(PREFIX.length)
        const before = this.seen.get(name)
        const since = before?.text === text ? before.since : now
        this.seen.set(name, { text, since })
        const beat = yield* beatIn(text)
        const isSilent = name !== life && now - since >= this.patience(beat)
        if (isSilent && (yield* this.takeOut(name, text))) continue
        listed.set(name, beat)
        if (before !== undefined && before.text !== text) this.skews.set(name, beat.at - this.room.now())
      }
      for (const map of [this.seen, this.skews]) {
        for (const name of map.keys()) if (!listed.has(name)) map.delete(name)
      }
      this.listed = listed
    })
  }

  private patience({ gateway }: Beat): number {
    return this.meeting && gateway === this.room.gateway ? MEETING_MILLISECONDS : SILENCE_MILLISECONDS
  }

  /** Whether it was still silent: as one step, so that a beat that comes now counts. */
  private takeOut(life: string, silent: string): Effect.Effect<boolean, PluginError> {
    return this.room.state.update(SPACE, PREFIX + life, (current) => ({
      next: current === silent ? undefined : current,
      result: current === silent || current === undefined
    }))
  }

  /** Whether a life was there at the last look. */
  has(life: string | undefined): boolean {
    return life === this.room.life || (life !== undefined && this.listed.has(life))
  }

  /** How far the clock of another gateway is from this one's, at worst; in milliseconds, with the time of a look. */
  get skewMilliseconds(): number {
    return Math.max(0, ...[...this.skews.values()].map(Math.abs))
  }
}

const beatIn = (text: string): Effect.Effect<Beat, PluginError> => {
  const beat = JSON.parse(text) as Beat
  return beat.version === 1 ? Effect.succeed(beat) : Effect.fail(foreign)
}

const foreign = pluginError("approval", "The state is shared with another version of Sluice. Use the newer version.")
