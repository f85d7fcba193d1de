import type { Deny } from "../exchange/index.ts"
import type { CloseReason } from "../plugin/index.ts"

/** What the parts of a relay ask of the whole. */
export interface Driver {
  readonly closed: boolean
  /** Takes every event that can be taken now, and lets leave what is ready. Does nothing while it is at it already. */
  pump(): void
  /** Ends the session; with a denial, the client is told why. */
  close(reason: CloseReason, denial?: Deny): void
  /** The same, or once what is in flight has finished: what is asked until then is refused with `denial`. */
  end(reason: CloseReason, denial: Deny, finish: boolean): void
}

/** Ends the session because the gateway itself failed to keep a promise. */
export const fail = (driver: Driver, message: string): void =>
  driver.close("fault", { _tag: "Deny", code: "fault", message })
