import data from "./functions.json" with { type: "json" }
import kinds from "./types.json" with { type: "json" }

/** One overload of a function of PostgreSQL's own (18). */
export interface BuiltIn {
  readonly argumentsMin: number
  /** -1: any number. */
  readonly argumentsMax: number
  readonly volatility: "i" | "s" | "v"
  /** A function, aggregate, window function or procedure. */
  readonly kind: "f" | "a" | "w" | "p"
  readonly set: boolean
  readonly returns: string
  readonly outputs: ReadonlyArray<string> | undefined
}

type Packed = readonly [number, number, "i" | "s" | "v", "f" | "a" | "w" | "p", 0 | 1, string, ReadonlyArray<string>?]

const packed = data as unknown as Readonly<Record<string, ReadonlyArray<Packed>>>
const types: ReadonlySet<string> = new Set(kinds.types)
const triggers: ReadonlySet<string> = new Set(kinds.triggers)
const none: ReadonlyArray<BuiltIn> = []

/** What drivers call in `information_schema`: it spreads an array and its positions out. */
const expandArray: BuiltIn = {
  argumentsMin: 1,
  argumentsMax: 1,
  volatility: "i",
  kind: "f",
  set: true,
  returns: "record",
  outputs: ["x", "n"]
}

/** Every overload of a function in `pg_catalog`, whatever its arity. */
export const builtIns = (name: string): ReadonlyArray<BuiltIn> => {
  if (name === "information_schema._pg_expandarray") return [expandArray]
  if (!Object.hasOwn(packed, name)) return none
  return packed[name]!.map(([argumentsMin, argumentsMax, volatility, kind, set, returns, outputs]) => ({
    argumentsMin,
    argumentsMax,
    volatility,
    kind,
    set: set === 1,
    returns,
    outputs
  }))
}

/** Whether a type in `pg_catalog` has this name, as pg_type spells it. */
export const isBuiltInType = (name: string): boolean => types.has(name)

/** Whether a trigger function in `pg_catalog` has this name: those compare or copy columns of their own row. */
export const isBuiltInTrigger = (name: string): boolean => triggers.has(name)
