import type { Principal, Receipt } from "../../core/index.ts"
import type { ColumnRef } from "../../core/family/sql/index.ts"
import type { MaskingConfig } from "./config.ts"
import { kinds } from "./kinds.ts"
import { json, type Mask, type Operator, operatorOf, type Purpose } from "./operators/index.ts"
import { mayReveal } from "./shield.ts"

/** What a secret's name stands for. */
export type Secrets = ReadonlyMap<string, Uint8Array>

type Table = ReadonlyMap<string, Operator>

/** All masks of one pipeline. */
export class Masks {
  private readonly config: MaskingConfig
  private readonly everybodys: Table
  private readonly obliged: Table
  private readonly relaxed: ReadonlyArray<MaskSet>
  private readonly common: MaskSet

  constructor(config: MaskingConfig, secrets: Secrets) {
    this.config = config
    this.everybodys = tableOf(config, config.masks, secrets)
    this.obliged = tableOf(config, config.obliged, secrets)
    this.common = new MaskSet(this.obliged, [this.everybodys])
    this.relaxed = (config.for ?? []).map(({ masks }) =>
      new MaskSet(this.obliged, [tableOf(config, masks, secrets), this.everybodys])
    )
  }

  /** What a caller sees. Whoever acts for it must be meant too: else it sees what everybody sees. */
  for(principal: Principal, receipt: Receipt | undefined): MaskSet {
    const { for: levels = [] } = this.config
    for (let i = 0; i < levels.length; i++) {
      const { groups = [], parties } = levels[i]!
      const isParty = parties !== undefined && receipt?.party !== undefined && principal.actors.length === 0
        && parties.includes(receipt.party)
      if (isParty || mayReveal(principal, groups)) return this.relaxed[i]!
    }
    return this.common
  }

  /** The mask that stands under a name in the file, of everybody's and then of the others. */
  named(name: string): Operator | undefined {
    return this.everybodys.get(name) ?? this.relaxed.map((set) => set.named(name)).find((one) => one !== undefined)
      ?? this.obliged.get(name)
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
      const found = ownMask(table, ref) ?? table.get(kind)
      if (found !== undefined) return found
    }
    return redactions.get(kind) ?? redactions.get("redact")!
  }

  named(name: string): Operator | undefined {
    return this.tables[0]?.get(name)
  }
}

const ownMask = (table: Table, { column, table: name, within = [] }: ColumnRef): Operator | undefined => {
  if (table.size === 0) return undefined
  for (const one of [name, ...within]) {
    const found = table.get(`${one}.${column}`)
    if (found !== undefined) return found
  }
  return undefined
}

const purposeOf = (name: string): Purpose => {
  const kind = kinds.has(name) ? name : "redact"
  return { name, kind, constant: kinds.get(kind)!.mask }
}

const redactions: Table = new Map(
  [...kinds.keys()].map((kind) => [kind, operatorOf({ use: "redact" }, purposeOf(kind), () => new Uint8Array())])
)

const tableOf = (config: MaskingConfig, masks: MaskingConfig["masks"], secrets: Secrets): Table => {
  const own = masks ?? {}
  const made = (name: string, mask: Mask): Operator | undefined =>
    mask.use === "json" ? undefined : operatorOf(mask, purposeOf(name), (keyed) => {
      const secret = secrets.get(keyed.key ?? config.key ?? "")
      if (secret === undefined) throw new Error(`The key of the mask of ${name} was not fetched.`)
      return secret
    })
  /** A kind's mask within documents: of the same table, else everybody's, else the constant. */
  const ofKind = (kind: string): Operator => {
    const mask = own[kind] ?? config.masks?.[kind]
    return (mask === undefined ? undefined : made(kind, mask)) ?? redactions.get(kind)!
  }
  return new Map(
    Object.entries(own).map(([name, mask]) => [
      name,
      mask.use === "json"
        ? json(
          new Map(Object.entries(mask.paths).map(([path, kind]) => [path, ofKind(kind)])),
          purposeOf(name).constant
        )
        : made(name, mask)!
    ])
  )
}
