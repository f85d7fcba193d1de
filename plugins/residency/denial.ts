import { type Deny, deny, type Receipt, type ReceiptCheck } from "../../core/index.ts"
import { inShadow } from "./engine/outcome.ts"
import type { Inputs } from "./engine/inputs.ts"
import { nextStep } from "./next-step.ts"
import type { World, WorldDataSet } from "./world.ts"

/**
 * The refusal of an operation, in words for whoever asked: names and places, never data. With the `inputs` that it was
 * made from, the hint is a step that was tried out.
 */
export const denialOf = (world: World, receipt: Receipt, inputs?: Inputs): Deny => {
  const code = receipt.outcome_code ?? receipt.code ?? "residency"
  if (code === "approval_unavailable") return unavailable(code, receipt, "approve", "a person's approval", "approval")
  if (code === "masking_unavailable") return unavailable(code, receipt, "mask", "masked columns", "masking")
  const check = receipt.checks.find((one) =>
    one.outcome === "deny" && one.code === code && !inShadow(world, { check: one, obligations: [] })
  )
  if (check === undefined) return deny(code, `The operation was refused: ${code}.`)
  const { message, hint } = words(world, check)
  const isPlaced = check.at !== undefined && check.at !== "unknown"
  const tried = inputs !== undefined && isPlaced && (check.check === "home" || check.check === "landing")
    ? nextStep(world, inputs, check)
    : undefined
  return deny(code, message, { detail: detail(check, touched(receipt)), hint: tried ?? hint })
}

const unavailable = (code: string, receipt: Receipt, what: "approve" | "mask", need: string, plugin: string): Deny => {
  const cause = receipt.checks.find(({ outcome, cites }) =>
    outcome === what || receipt.obligations.some((one) => one.obligation === what && one.cites === cites)
  )
  const about = cause?.data_set === undefined ? "This operation" : `Touching ${cause.data_set}`
  return deny(code, `${about} needs ${need}, and this pipeline cannot give that.`, {
    detail: cause && detail(cause),
    hint: `Ask the operator to add the ${plugin} plugin to this pipeline.`
  })
}

const touched = ({ reads, writes }: Receipt): string => [...new Set([...reads, ...writes])].join(", ")

const detail = ({ check, data_set, sink, at, cites }: ReceiptCheck, touches = ""): string =>
  [
    `check ${check}`,
    data_set === undefined ? touches && `data sets ${touches}` : `data set ${data_set}`,
    sink && `sink ${sink}`,
    at && `place ${at}`,
    cites && `by ${cites}`
  ].filter((part) => part !== undefined && part !== "").join("; ")

const words = (world: World, check: ReceiptCheck): { readonly message: string; readonly hint: string } => {
  const dataSet = check.data_set === undefined ? undefined : world.dataSets.get(check.data_set)
  const who = person(check.sink)
  switch (check.check) {
    case "identity":
      return {
        message: `${capital(who)} is known to the issuer, but matches no party here.`,
        hint: "Ask the operator to add a party for this identity, or use one that has a party."
      }
    case "resolve":
      return check.code === "unclassified"
        ? {
          message: `${(check.data_set ?? "").replace("unclassified:", "")} may not be touched: ${
            check.reason ?? "it is in no data set"
          }.`,
          hint: "Ask the operator to put it into a data set, or ask only for what is in one."
        }
        : {
          message: `What this operation touches is not known: ${check.reason ?? "it could not be analysed"}.`,
          hint: "Write it so that every table and function is named plainly, one statement at a time."
        }
    case "clearance":
      return {
        message: `${capital(who)} is ${check.reason ?? "not cleared"}.`,
        hint: "Use an identity that is cleared for that place; in a chain, everyone must be."
      }
    case "evidence":
      return {
        message: `The place of ${who} is not known well enough: ${check.reason ?? ""}.`,
        hint: `Connect with an identity whose place is proven as ${dataSet?.evidence ?? "demanded"} or better.`
      }
    case "rule":
      return {
        message: `The operator's rule ${check.cites ?? ""} refuses this operation: ${check.reason ?? ""}.`,
        hint: "Ask the operator what the rule is for."
      }
    case "taint":
      return {
        message: `${check.data_set ?? "The data"} may not reach ${who}, which is ${placeOf(check)}: ${
          check.reason ?? ""
        }.`,
        hint: outOf(world, dataSet)
      }
    case "home":
    case "landing":
      break
  }
  return residency(check, dataSet, who)
}

const placeOf = ({ at }: ReceiptCheck): string =>
  at === undefined || at === "unknown" ? "at no known place" : `at ${at}`

/** The cheapest lawful next step for a run that has seen what may not go where it sends. */
const outOf = (world: World, dataSet: WorldDataSet | undefined): string => {
  const masked = dataSet?.masked === "leaves" ? `read ${dataSet.name} masked instead, or ` : ""
  const home = dataSet === undefined ? "" : `, or write to an upstream in ${dataSet.home.join(", ")}`
  const fresh = world.taint.runClaim === undefined ? "use an agent that has not seen it" : "start a new run"
  return `${
    capital(`${masked}${fresh}`)
  } and keep the two apart${home}. An owner can end the label: sluice taint reset.`
}

const residency = (check: ReceiptCheck, dataSet: WorldDataSet | undefined, who: string) => {
  const home = dataSet?.home.join(", ") ?? ""
  const name = dataSet?.name ?? "The data"
  const unknown = check.at === undefined || check.at === "unknown"
  const place = unknown ? "at no known place" : `at ${check.at}, outside its home (${home})`
  return {
    message: `${name} may not be seen by ${who}, which is ${place}.`,
    hint: unknown ? locate(check.sink) : step(check, dataSet, home)
  }
}

/** The cheapest lawful next step, for a sink whose place is known. */
const step = (check: ReceiptCheck, dataSet: WorldDataSet | undefined, home: string): string => {
  const sink = check.sink ?? ""
  const read = check.reason?.startsWith("read") ?? false
  const caller = sink === "caller" || sink.startsWith("actor:")
  if (read && dataSet?.masked === "leaves" && (caller || sink === "recorder" || sink.startsWith("model:"))) {
    return `Ask only for columns that come masked, and use them nowhere else: masked ${dataSet.name} may leave.`
  }
  if (caller) return `Use an agent or client in ${home}.`
  if (sink.startsWith("model:")) return `Use an agent whose model is in ${home}.`
  if (sink === "gateway") return `Go through a gateway in ${home}.`
  if (sink === "recorder") return `Ask the operator to keep the recordings of this pipeline in ${home}.`
  return `Write to an upstream in ${home}.`
}

const locate = (sink: string | undefined): string =>
  sink?.startsWith("endpoint:")
    ? "Ask the operator to declare that server as an upstream, with its place."
    : "Ask the operator to say where it is (`at`), or bring a token whose claim says so."

const person = (sink: string | undefined): string => {
  if (sink === undefined) return "the operation"
  const [kind, name] = sink.split(/:(.*)/s)
  if (kind === "caller") return "the caller"
  if (kind === "actor") return `the actor ${name ?? ""}`
  if (kind === "model") return `the model of ${name ?? ""}`
  if (kind === "upstream") return `the upstream of ${name ?? ""}`
  if (kind === "endpoint") return `the endpoint ${name ?? ""}`
  return `the ${kind ?? ""}`
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)
