import { deepStrictEqual } from "node:assert"
import type { Constants, Exchange, Identity, OperationKind, Resource, Session } from "../../../core/index.ts"
import { Principal, type ProtectedColumn, Protection, Receipt } from "../../../core/index.ts"
import type {
  Column,
  ColumnRef,
  ColumnUse,
  ConfinedTable,
  Description,
  Lineage,
  Report,
  Row,
  Sql,
  SqlOutput,
  Statement
} from "../../../core/family/sql/index.ts"
import type { Decision, Reads } from "../../../core/plugin/index.ts"
import masking from "../../../plugins/masking/index.ts"
import { Memory } from "../../../plugins/masking/detection/index.ts"
import { Masks } from "../../../plugins/masking/masks.ts"

export { columnOf } from "../../fixtures/postgres-values.ts"

/** A row in an array. */
export class FakeRow implements Row {
  readonly kind = "row"
  readonly columns: ReadonlyArray<Column>
  readonly result: number
  readonly cells: Array<Uint8Array | null>

  constructor(columns: ReadonlyArray<Column>, cells: ReadonlyArray<Uint8Array | null>, result = 0) {
    this.columns = columns
    this.cells = [...cells]
    this.result = result
  }

  isNull(index: number): boolean {
    return this.cells[index] === null
  }

  bytes(index: number): Uint8Array | null {
    return this.cells[index]!
  }

  replace(index: number, value: Uint8Array | null): void {
    this.cells[index] = value
  }
}

export const descriptionOf = (columns: ReadonlyArray<Column>, result = 0): Description => ({
  kind: "description",
  columns,
  result
})

export const reportOf = (
  sqlstate: string,
  extras: Readonly<Record<string, string>>,
  kind: Report["kind"] = "error"
): Report => ({
  kind,
  sqlstate,
  severity: kind === "error" ? "ERROR" : "NOTICE",
  message: "CANARY in the message",
  extras: new Map(Object.entries(extras))
})

export const refOf = (path: string, within?: ReadonlyArray<string>): ColumnRef => {
  const at = path.lastIndexOf(".")
  return { table: path.slice(0, at), column: path.slice(at + 1), ...(within === undefined ? {} : { within }) }
}
/** `copy("public.customers.ssn")`, named as the column unless `name` says otherwise. */
export const copy = (path: string, name?: string, within?: ReadonlyArray<string>): Lineage => ({
  name: name ?? refOf(path).column,
  how: "copy",
  sources: [refOf(path, within)]
})
export const derived = (name: string, ...paths: ReadonlyArray<string>): Lineage => ({
  name,
  how: "derived",
  sources: paths.map((path) => refOf(path))
})
export const use = (path: string, how: ColumnUse["use"]): ColumnUse => ({ ...refOf(path), use: how })

export interface StatementOptions {
  readonly kind?: OperationKind
  readonly results?: ReadonlyArray<ReadonlyArray<Lineage>>
  readonly uses?: ReadonlyArray<ColumnUse>
  readonly reads?: ReadonlyArray<Resource>
  readonly writes?: ReadonlyArray<Resource>
  readonly resolved?: boolean
  readonly confined?: ReadonlyArray<ConfinedTable>
}

/** A statement whose reads follow from its outputs and uses, unless they are given. */
export const statementOf = (
  { kind = "read", results = [], uses = [], resolved = true, ...more }: StatementOptions
): Statement => {
  const refs = [...results.flat().flatMap(({ sources }) => sources), ...uses]
  const reads = [...Map.groupBy(refs, ({ table }) => table)].map(([name, columns]): Resource => {
    const within = columns[0]!.within
    return {
      kind: "table",
      name,
      fields: columns.map(({ column }) => column),
      ...(within === undefined ? {} : { within })
    }
  })
  return {
    kind,
    reads: more.reads ?? reads,
    writes: more.writes ?? [],
    resolved,
    digest: "0".repeat(64),
    summary: "",
    text: "",
    phase: "simple",
    tags: [],
    results: results.map((columns) => ({ columns })),
    ...(more.confined === undefined ? {} : { confined: more.confined }),
    uses,
    rewritten: false
  }
}

const session: Session = {
  id: "1",
  pipeline: "orders",
  peer: { address: "127.0.0.1", port: 1, encrypted: true },
  now: () => 0
}

export interface ExchangeOptions {
  readonly protect: ReadonlyArray<ProtectedColumn>
  readonly obliged?: ReadonlyArray<string>
  readonly groups?: ReadonlyArray<string>
  /** The groups of each actor in between. */
  readonly actors?: ReadonlyArray<ReadonlyArray<string>>
  readonly decision?: Decision
  /** Keys of facts that nobody set. */
  readonly without?: ReadonlyArray<string>
}

const identity = (groups: ReadonlyArray<string>): Identity => ({ issuer: "i", subject: "s", groups, claims: {} })
type Facts = readonly [typeof Principal, typeof Receipt, typeof Protection]
export type FakeExchange = Exchange<Sql> & Reads<Facts>

let count = 0
export const exchangeOf = (operation: Statement, options: ExchangeOptions): FakeExchange => {
  const principal: Principal = {
    ...identity(options.groups ?? []),
    actors: (options.actors ?? []).map(identity),
    evidence: "asserted",
    expiresAt: undefined
  }
  const obliged = options.obliged ?? []
  const receipt: Receipt = {
    decision: options.decision ?? "allow",
    operation: operation.kind,
    reads: [],
    writes: [],
    sinks: [],
    checks: [],
    obligations: obliged.map((data_set) => ({ obligation: "mask", data_set, cites: "t" })),
    outcome: "allow",
    policy: "",
    inputs: ""
  }
  const facts = new Map<string, unknown>([
    [Principal.key, principal],
    [Receipt.key, receipt],
    [Protection.key, { columns: options.protect, obliged } satisfies Protection]
  ])
  return {
    id: ++count,
    session,
    operation,
    asked: operation,
    get: (fact) => {
      if (options.without?.includes(fact.key) === true) throw new Error("not set")
      return facts.get(fact.key) as never
    },
    find: (fact) => options.without?.includes(fact.key) === true ? undefined : facts.get(fact.key) as never
  }
}

/** The two hooks that matter here, of the real plugin or of a mutant. */
export interface Masker {
  readonly decide: (exchange: FakeExchange) => { readonly _tag: string }
  readonly transform: (output: SqlOutput, exchange: FakeExchange | undefined) => void
}

/** `keys` by the names that the masks give them. */
export const masker = (
  config: (typeof masking)["config"]["Type"] = {},
  keys: ReadonlyMap<string, Uint8Array> = new Map(),
  memory: Memory = new Memory()
): Masker => {
  const hooks = masking.connect(session, { config, resources: { masks: new Masks(config, keys), memory } })
  if ("_tag" in hooks) throw new Error("refused")
  return {
    decide: (exchange) => hooks.decide!(exchange),
    transform: (output, exchange) => {
      const before = output instanceof FakeRow ? [...output.cells] : []
      hooks.transform!(output, exchange)
      if (!(output instanceof FakeRow) || exchange === undefined) return
      const constants = hooks.constants!(output, exchange)
      if (constants !== undefined) deepStrictEqual(alike(before, constants), output.cells)
    }
  }
}

/** What rows that are patched many at a time come to: it must be what `transform` makes of each. */
const alike = (cells: ReadonlyArray<Uint8Array | null>, constants: Constants): ReadonlyArray<Uint8Array | null> =>
  cells.map((cell, i) => {
    const by = constants[i]
    return cell === null || by === undefined ? cell : by
  })
