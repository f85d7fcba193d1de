import type { Plugin, Service } from "../core/plugin/index.ts"
import type { Protocol } from "../core/protocol/index.ts"
import type { Kind, Origin } from "./resolve.ts"

/** A protocol, plugin or service as `plugins list` and `plugins show` print it. */
export interface PartRow {
  readonly kind: Kind
  readonly use: string
  readonly name: string
  readonly version: string
  readonly path: string
  readonly api: number
  readonly family?: string
  readonly requires: ReadonlyArray<string>
  readonly provides: ReadonlyArray<string>
}

/** `version` is that of Sluice, which is also its built-ins'. */
export const partRow = (
  kind: Kind,
  use: string,
  value: Protocol | Plugin | Service,
  from: Origin,
  version: string
): PartRow => {
  const requires = "requires" in value ? (value.requires as ReadonlyArray<{ key: string }>).map(({ key }) => key) : []
  const provides = !("provides" in value)
    ? []
    : Array.isArray(value.provides)
    ? value.provides.map(({ key }: { key: string }) => key)
    : [value.provides.key as string]
  return {
    kind,
    use,
    name: value.name,
    version: from.kind === "built-in" ? version : from.version ?? "-",
    path: from.kind === "built-in" ? "built in" : from.path,
    api: value.api,
    ...("family" in value ? { family: value.family.name as string } : {}),
    requires,
    provides
  }
}
