import { type Deny, deny } from "../../core/index.ts"
import type { Filing } from "./approvals.ts"
import type { OpenEntry } from "./book.ts"
import { Limit } from "./limit.ts"

/** Who asks, as one text. */
export const whoOf = ({ chain }: Filing): string =>
  JSON.stringify(chain.map(({ issuer, subject }) => [issuer, subject]))

/** How many may wait, and come: a flood of one identity's takes nobody else's place. */
export class Queue {
  private readonly rate = new Limit()

  /** Why there is no place for it among what is open, or undefined. */
  refusal(open: ReadonlyArray<OpenEntry>, filing: Filing): Deny | undefined {
    const { config, essence, now } = filing
    const who = whoOf(filing)
    const live = open.filter(({ until }) => now < until)
    const own = live.filter((entry) => entry.who === who)
    const same = own.find((entry) => entry.essence === essence)
    if (same !== undefined) {
      return deny("approval_queue", `The same operation waits for approval already, as ${same.id}.`, {
        hint: "Wait for that one, or withdraw it first."
      })
    }
    const fits = own.length < config.open_max_per_identity && live.length < config.open_max
    if (fits && this.rate.take(who, now, config.per_minute_max)) return undefined
    return deny(
      "approval_queue",
      fits ? "Too many approvals were asked for lately." : "Too many operations wait for approval already.",
      {
        hint: "Wait until some of them are decided. Ask for a grant if there will be more of the same."
      }
    )
  }
}
