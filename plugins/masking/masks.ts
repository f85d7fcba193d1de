import type { Principal, Receipt } from "../../core/index.ts"
import type { ColumnRef } from "../../core/family/sql/index.ts"
import type { MaskingConfig } from "./config.ts"
import { kinds } from "./kinds.ts"
import { fixed, json, type KeyedMask, type Mask, type Operator, operatorOf } from "./operators/index.ts"
import { mayReveal } from "./shield.ts"

/** What a secret's name stands for. */
export type Secrets = ReadonlyMap<string, Uint8Array>

/** The masks of one map of the file, by the names that they stand under. */
class Table {
  private readonly masks: ReadonlyMap<string, Mask>
  private readonly build: (name: string, kind: string) => Operator
  private readonly made = new Map<string, Operator>()

  constructor(masks: MaskingConfig["masks"], build: (name: string, kind: string) => Operator) {
    this.masks = new Map(Object.entries(masks ?? {}))
    this.build = build
    for (const name of this.masks.keys()) this.get(name, kinds.has(name) ? name : "redact")
  }

  get isEmpty(): boolean {
    return this.masks.size === 0
  }

  /** The mask under `name`, for a column of `kind`: a column's own mask still knows what sort of value it masks. */
  get(name: string, kind: string): Operator | undefined {
    if (!this.masks.has(name)) return undefined
    const at = `${kind}\0${name}`
    let operator = this.made.get(at)
    if (operator === undefined) this.made.set(at, operator = this.build(name, kind))
    return operator
  }
}

/** All masks of one pipeline. */
export class Masks {
  private readonly config: MaskingConfig
  private readonly everybodys: Table
  private readonly obliged: Table
  /** The masks of each entry under `for`, and what its callers see. */
  private readonly relaxed: ReadonlyArray<Table>
  private readonly sets: ReadonlyArray<MaskSet>
  /** What everybody sees. */
  readonly common: MaskSet

  constructor(config: MaskingConfig, secrets: Secrets) {
    this.config = config
    this.everybodys = tableOf(config, config.masks, secrets)
    this.obliged = tableOf(config, config.obliged, secrets, {})
    this.common = new MaskSet(this.obliged, [this.everybodys])
    this.relaxed = (config.for ?? []).map(({ masks }) => tableOf(config, masks, secrets))
    this.sets = this.relaxed.map((table) => new MaskSet(this.obliged, [table, this.everybodys]))
  }

  /** What a caller sees. Whoever acts for it must be meant too: else it sees what everybody sees. */
  for(principal: Principal, receipt: Receipt | undefined): MaskSet {
    const { for: levels = [] } = this.config
    for (let i = 0; i < levels.length; i++) {
      const { groups = [], parties } = levels[i]!
      const isParty = parties !== undefined && receipt?.party !== undefined && principal.actors.length === 0
        && parties.includes(receipt.party)
      if (isParty || mayReveal(principal, groups)) return this.sets[i]!
    }
    return this.common
  }

  /** Every mask that stands under a name in the file: everybody's first. */
  named(name: string): ReadonlyArray<Operator> {
    return [this.everybodys, ...this.relaxed, this.obliged].flatMap((table) =>
      table.get(name, kinds.has(name) ? name : "redact") ?? []
    )
  }
}

/** The masks that one caller sees. */
export class MaskSet {
  private readonly obliged: Table
  private readonly tables: ReadonlyArray<Table>

  constructor(obliged: Table, tables: ReadonlyArray<Table>) {
    this.obliged = obliged
    this.tables = tables
  }

  /** The mask of a column: its own, else its kind's. Under an obligation only what the file has for that. */
  of(ref: ColumnRef, kind: string, isObliged: boolean): Operator {
    for (const table of isObliged ? [this.obliged] : this.tables) {
      const found = ownMask(table, ref, kind) ?? table.get(kind, kind)
      if (found !== undefined) return found
    }
    return redactions.get(kind) ?? redactions.get("redact")!
  }
}

const ownMask = (table: Table, ref: ColumnRef, kind: string): Operator | undefined => {
  if (table.isEmpty) return undefined
  for (const one of [ref.table, ...ref.within ?? []]) {
    const found = table.get(`${one}.${ref.column}`, kind)
    if (found !== undefined) return found
  }
  for (const view of ref.as ?? []) {
    const found = ownMask(table, view, kind)
    if (found !== undefined) return found
  }
  return undefined
}

const constantOf = (kind: string): string => (kinds.get(kind) ?? kinds.get("redact")!).mask

const redactions: ReadonlyMap<string, Operator> = new Map(
  [...kinds.keys()].map((kind) => [kind, fixed("redact", constantOf(kind))])
)

/** `others` are where the kinds within documents are looked for that `masks` itself does not have. */
const tableOf = (
  config: MaskingConfig,
  masks: MaskingConfig["masks"],
  secrets: Secrets,
  others: MaskingConfig["masks"] = config.masks
): Table => {
  const secretOf = (mask: KeyedMask): Uint8Array => {
    const secret = secrets.get(mask.key ?? config.key ?? "")
    if (secret === undefined) throw new Error("The key of a mask was not fetched.")
    return secret
  }
  const ofKind = (kind: string): Operator => {
    const mask = masks?.[kind] ?? others?.[kind]
    if (mask === undefined || mask.use === "json") return redactions.get(kind)!
    return operatorOf(mask, { name: kind, kind, constant: constantOf(kind) }, secretOf)
  }
  return new Table(masks, (name, kind) => {
    const mask = masks![name]!
    const constant = constantOf(kind)
    if (mask.use !== "json") return operatorOf(mask, { name, kind, constant }, secretOf)
    return json(new Map(Object.entries(mask.paths).map(([path, inner]) => [path, ofKind(inner)])), constant)
  })
}
