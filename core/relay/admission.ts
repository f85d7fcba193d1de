import { type Admission, allow, type Deny, deny, type Login, type Verdict } from "../exchange/index.ts"
import type { Family } from "../family/index.ts"
import type { HearingRoom } from "./hearing.ts"
import type { Written } from "./written.ts"

/** What came of a login; `recorded` is false when it could not be written down. */
export interface LoginHeard {
  readonly verdict: Verdict
  readonly recorded: boolean
}

/** Makes a verdict of what the stages said of a login, and has it seen and recorded. Nobody comes in unrecorded. */
export const hearLogin = <F extends Family>(
  { observer, stages }: HearingRoom<F>,
  written: Written,
  login: Login,
  admission: Admission
): LoginHeard => {
  const verdict = verdictOn(admission, written.trouble)
  observer.loggedIn(login, verdict)
  return { verdict, recorded: stages.noteSession({ _tag: "LoggedIn", login, verdict }) }
}

export const expired = (): Deny =>
  deny("expired", "The token that this session was opened with has expired.", {
    hint: "Connect again with a fresh token."
  })

const verdictOn = (admission: Admission, trouble: string | undefined): Verdict => {
  if (admission._tag === "Deny") return admission
  return trouble === undefined
    ? allow
    : deny("ledger", `Nothing can be recorded, so nobody may come in: ${trouble}`)
}
