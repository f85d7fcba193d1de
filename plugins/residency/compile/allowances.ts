import type { Problem, Problems } from "../problem.ts"
import { readMoment } from "../schema/moment.ts"
import type { Exception, Transfer } from "../schema/transfer.ts"
import type { ResidencySection } from "../schema.ts"
import type { WorldAllowance, WorldException, WorldTransfer } from "../world.ts"
import { checkKnown } from "./names.ts"
import type { PlaceSet } from "./zones.ts"

/** The transfers and exceptions, to be asked for by data set. */
export interface Allowances {
  readonly transfers: (dataSet: string, classes: ReadonlyArray<string>) => ReadonlyArray<WorldTransfer>
  readonly exceptions: (dataSet: string, classes: ReadonlyArray<string>) => ReadonlyArray<WorldException>
  /** Those with a cap, by id. */
  readonly caps: ReadonlyMap<string, WorldTransfer>
  /** Every instant at which one of them begins or ends to hold, ascending. */
  readonly boundaries: ReadonlyArray<number>
}

type Scope = Pick<Transfer, "data_sets" | "classes">
type Written = Transfer | Exception

/** Compiles both lists. One with an error in it is reported; the world it would be part of is not made. */
export const compileAllowances = (
  section: ResidencySection,
  pipelines: ReadonlyArray<string>,
  zones: ReadonlyMap<string, PlaceSet>,
  problems: Problems
): Allowances => {
  const look: Look = {
    dataSets: new Set(Object.keys(section.data_sets)),
    classes: new Set(Object.values(section.data_sets).flatMap(({ classes }) => classes)),
    parties: new Set(Object.keys(section.parties)),
    pipelines: new Set(pipelines),
    zones,
    problems,
    ids: new Set()
  }
  const transfers = section.transfers.map((transfer, index) =>
    compileTransfer(transfer, ["residency", "transfers", index], look)
  )
  const exceptions = section.exceptions.map((exception, index) => ({
    scope: exception,
    compiled: compileAllowance(exception, ["residency", "exceptions", index], look)
  }))
  const instants = [...transfers, ...exceptions].flatMap(({ compiled }) => [compiled.from, compiled.until])
  return {
    transfers: select(transfers, (a, b) => severity(a) - severity(b) || order(a, b)),
    exceptions: select(exceptions, order),
    caps: new Map(transfers.filter(({ compiled }) => compiled.cap).map(({ compiled }) => [compiled.id, compiled])),
    boundaries: [...new Set(instants)].filter(Number.isFinite).toSorted((a, b) => a - b)
  }
}

interface Look {
  readonly dataSets: ReadonlySet<string>
  readonly classes: ReadonlySet<string>
  readonly parties: ReadonlySet<string>
  readonly pipelines: ReadonlySet<string>
  readonly zones: ReadonlyMap<string, PlaceSet>
  readonly problems: Problems
  readonly ids: Set<string>
}

const order = (a: WorldAllowance, b: WorldAllowance): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** The mildest condition first: nothing, mask, approve, both. */
const severity = (transfer: WorldTransfer): number => (transfer.mask ? 1 : 0) + (transfer.approve ? 2 : 0)

const select =
  <A>(all: ReadonlyArray<{ scope: Scope; compiled: A }>, compare: (a: A, b: A) => number) =>
  (dataSet: string, classes: ReadonlyArray<string>): ReadonlyArray<A> =>
    all.filter(({ scope }) =>
      scope.data_sets?.includes(dataSet) || scope.classes?.some((name) => classes.includes(name))
    ).map(({ compiled }) => compiled).toSorted(compare)

const compileTransfer = (
  transfer: Transfer,
  path: Problem["path"],
  look: Look
): { scope: Scope; compiled: WorldTransfer } => {
  checkKnown([...path, "from"], transfer.from, "zone", look.zones, look.problems)
  warnOfCap(transfer, path, look)
  return {
    scope: transfer,
    compiled: {
      ...compileAllowance(transfer, path, look),
      source: look.zones.get(transfer.from) ?? new Set(),
      mask: transfer.requires.includes("mask"),
      approve: transfer.requires.includes("approve"),
      cap: transfer.subjects_max && { ...transfer.subjects_max, maskedFree: transfer.masked === "free" }
    }
  }
}

/** Only what is read can be counted; a cap on anything else covers nothing. */
const warnOfCap = (transfer: Transfer, path: Problem["path"], { problems }: Look): void => {
  if (transfer.subjects_max === undefined) {
    if (transfer.masked === undefined) return
    problems.warn(
      [...path, "masked"],
      `masked: free of ${transfer.id} has no effect: there is no subjects_max`,
      "Take it out, or set a cap."
    )
    return
  }
  const uncounted = transfer.operations.filter((kind) => kind !== "read" && kind !== "export")
  if (uncounted.length === 0) return
  problems.warn(
    [...path, "operations"],
    `${transfer.id} has a cap, and what ${uncounted.join(", ")} carries away cannot be counted: it does not cover that`,
    "Give those operations a transfer of their own, without subjects_max."
  )
}

const compileAllowance = (written: Written, path: Problem["path"], look: Look): WorldAllowance => {
  const { zones, problems } = look
  if (look.ids.has(written.id)) {
    problems.error(
      [...path, "id"],
      `the id ${written.id} is used twice`,
      "Give each transfer and exception an id of its own: receipts cite it."
    )
  }
  look.ids.add(written.id)
  checkKnown([...path, "to"], written.to, "zone", zones, problems)
  checkScope(written, path, look)
  checkRecipients(written, path, look)
  const from = written.valid_from === undefined ? -Infinity : readMoment(written.valid_from, "start") ?? Infinity
  const until = written.valid_until === undefined ? Infinity : readMoment(written.valid_until, "end") ?? -Infinity
  if (from >= until) {
    problems.error(
      [...path, "valid_until"],
      `${written.id} ends before it begins`,
      "Let valid_until come after valid_from."
    )
  }
  return {
    id: written.id,
    to: zones.get(written.to) ?? new Set(),
    recipients: written.recipients === "any" || written.recipients.includes("any")
      ? undefined
      : new Set(written.recipients),
    operations: new Set(written.operations),
    from,
    until
  }
}

const checkScope = (written: Written, path: Problem["path"], { dataSets, classes, problems }: Look): void => {
  if ((written.data_sets ?? []).length + (written.classes ?? []).length === 0) {
    problems.error(path, `${written.id} covers nothing`, "Name data_sets or classes.")
  }
  for (const [index, name] of (written.data_sets ?? []).entries()) {
    checkKnown([...path, "data_sets", index], name, "data set", dataSets, problems)
  }
  for (const [index, name] of (written.classes ?? []).entries()) {
    if (classes.has(name)) continue
    problems.warn(
      [...path, "classes", index],
      `no data set carries the class ${name}`,
      "Check its spelling: this entry covers nothing."
    )
  }
}

const checkRecipients = (written: Written, path: Problem["path"], look: Look): void => {
  if (written.recipients === "any") return
  if (written.recipients.length === 0) {
    look.problems.error(
      [...path, "recipients"],
      `${written.id} has no recipient`,
      "Name parties, gateway, recorder, upstream:PIPELINE, or any."
    )
  }
  for (const [index, recipient] of written.recipients.entries()) {
    if (recipient === "any" || recipient === "gateway" || recipient === "recorder") continue
    const at = [...path, "recipients", index]
    if (recipient.startsWith("upstream:")) {
      checkKnown(at, recipient.slice(9), "pipeline", look.pipelines, look.problems)
    } else checkKnown(at, recipient, "party", look.parties, look.problems)
  }
}
