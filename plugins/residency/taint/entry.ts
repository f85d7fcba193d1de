import { createHash } from "node:crypto"
import type { Login, Principal } from "../../../core/index.ts"
import { taint } from "../engine/taint.ts"
import { flowOf } from "../engine/flow.ts"
import type { Inputs, InputTaint } from "../engine/inputs.ts"
import { inShadow } from "../engine/outcome.ts"
import { windowAt } from "../window.ts"
import type { World } from "../world.ts"
import type { Said } from "./literals.ts"

/** A client at the door of one pipeline. */
export interface Comer {
  readonly pipeline: string
  readonly principal: Omit<Principal, "expiresAt">
  readonly login: Login
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Data sets whose words a login may carry to where they may not be. */
export const objectionsTo = (world: World, comer: Comer, label: InputTaint): ReadonlyArray<string> => {
  const { now, pipeline, principal } = comer
  const { actors, claims, evidence, groups, issuer, subject } = principal
  const inputs: Inputs = {
    pipeline,
    principal: { issuer, subject, groups, claims, actors, evidence },
    operation: { kind: "session", reads: [], writes: [], resolved: true },
    seen: {},
    taint: label,
    now: windowAt(world, now).start
  }
  const flow = flowOf(world, inputs)
  if (flow === undefined) return []
  return taint(flow).flatMap((finding) =>
    finding.check.outcome === "allow" || inShadow(world, finding) ? [] : finding.check.data_set ?? []
  )
}

/**
 * What a login says in the client's own words, measured as literals are: the name of the database, where the file does
 * not fix it, and the settings that are passed on. What the run has said in a login before counts nothing.
 */
export const measureLogin = (
  { database, forwarded, settings }: Login,
  fixed: boolean,
  before: ReadonlySet<string>,
  spent: number
): Said => {
  const words: ReadonlyArray<readonly [string, string]> = [
    ...(fixed || database === undefined ? [] : [["database", database] as const]),
    ...[...settings].filter(([name]) => forwarded?.includes(name) ?? true)
  ]
  const news: Array<string> = []
  let bytes = 0
  let longest = 0
  for (const [name, value] of words) {
    const length = Buffer.byteLength(value)
    longest = Math.max(longest, length)
    const digest = createHash("sha256").update(`login:${name}=${value}`).digest("base64")
    if (before.has(digest)) continue
    news.push(digest)
    // That a setting is there at all says something.
    bytes += length + 1
  }
  return { bytes, longest, spent, news }
}
