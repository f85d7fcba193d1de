import { hash } from "node:crypto"
import type { Statement } from "../../core/family/sql/index.ts"
import type { Exchange, Operation, PolicyDocument, Principal, Receipt } from "../../core/index.ts"
import type { Shown } from "./shown.ts"

/** An operation that needs approval, with everything that its approval rests on. */
export interface Occasion {
  readonly exchange: Exchange
  readonly principal: Principal
  readonly receipt: Receipt
  readonly policy: PolicyDocument
}

/**
 * Everything that is approved, as one digest: the bytes and the parameters, what was asked before it was rewritten,
 * what it touches and yields by the definitions in force, who asks with which claims, through whom, where it goes, how
 * it was judged, and under which policy. Any difference in any of these is another digest.
 *
 * Not in it: the phase of the extended protocol, so that a bound statement stays itself when it is executed; and the
 * engine's clock, whose every effect shows in the receipt.
 */
export const essenceOf = ({ exchange, policy, principal, receipt }: Occasion): string => {
  const { asked, operation } = exchange
  const pipeline = policy.pipelines.find(({ name }) => name === exchange.session.pipeline)
  const { policy: _, inputs: __, ...judged } = receipt
  return digest([
    operation.digest,
    asked.digest,
    touched(operation),
    [principal, ...principal.actors].map(({ claims, groups, issuer, subject }) => ({
      claims,
      groups,
      issuer,
      subject
    })),
    principal.evidence,
    pipeline ?? null,
    judged,
    policy.hash
  ])
}

/** The essence as one session's one exchange: what a client that waits is given leave for. */
export const bindingOf = (essence: string, { id, session }: Exchange): string => digest([essence, session.id, id])

const digest = (parts: unknown): string => hash("sha256", JSON.stringify(sorted(parts)))

const touched = (operation: Operation & Partial<Statement>): unknown => ({
  kind: operation.kind,
  reads: operation.reads,
  writes: operation.writes,
  resolved: operation.resolved,
  results: operation.results,
  uses: operation.uses,
  confined: operation.confined
})

/** Members in one order, so that equal things have equal texts. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)])
  )
}

/** What an approver is shown of it; undefined where the family cannot say in full what would run. */
export const shownOf = ({ exchange, policy, principal, receipt }: Occasion): Shown | undefined => {
  const { asked, operation, session } = exchange
  const text = textOf(operation)
  const pipeline = policy.pipelines.find(({ name }) => name === session.pipeline)
  if (text === undefined || pipeline === undefined) return undefined
  const before = asked === operation ? undefined : textOf(asked)
  return {
    pipeline: session.pipeline,
    from: pipeline.at,
    address: pipeline.address,
    kind: operation.kind,
    text,
    ...(before === undefined || before === text ? {} : { asked: before }),
    parameters: parametersOf(operation),
    who: [principal, ...principal.actors].map(({ groups, issuer, subject }) => ({ issuer, subject, groups })),
    reads: receipt.reads,
    writes: receipt.writes,
    ...(receipt.carries === undefined ? {} : { carries: receipt.carries }),
    sinks: receipt.sinks,
    why: whyOf(receipt),
    policy: policy.hash
  }
}

const textOf = (operation: Operation): string | undefined =>
  "text" in operation && typeof operation.text === "string" ? operation.text : undefined

const parametersOf = (operation: Operation & Partial<Statement>): ReadonlyArray<string | null> =>
  (operation.parameters ?? []).map(({ format, value }) => {
    if (value === null) return null
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length)
    const text = format === "text" ? bytes.toString("utf8") : undefined
    return text !== undefined && Buffer.from(text, "utf8").equals(bytes) ? text : `\\x${bytes.toString("hex")}`
  })

const whyOf = ({ checks, obligations }: Receipt): ReadonlyArray<string> => {
  const asking = checks.filter(({ cites, outcome }) =>
    outcome === "approve" || obligations.some((one) => one.obligation === "approve" && one.cites === cites)
  )
  return [
    ...new Set(
      asking.map(({ at, check, cites, data_set, reason, sink }) =>
        [data_set, sink && `seen by ${sink}`, at && `at ${at}`, reason, `(${cites ?? check})`].filter(Boolean).join(
          ", "
        )
      )
    )
  ]
}

/** Tags of statements whose meaning lies in the session: what they run cannot be shown. */
const NAMING_OTHERS = new Set(["EXECUTE", "FETCH", "MOVE"])

export const namesOthers = (operation: Operation & Partial<Statement>): boolean =>
  operation.tags?.some((tag) => NAMING_OTHERS.has(tag)) === true

export const phaseOf = (operation: Operation & Partial<Statement>): Statement["phase"] => operation.phase ?? "simple"
