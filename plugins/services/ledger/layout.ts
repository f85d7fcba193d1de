/** Names of the files in a ledger's folder. `NNNNNNNNNN` counts segments from 1. */
export const layout = {
  /** Records and their seals. */
  log: (segment: number): string => `${digits(segment)}.log`,
  /** Signed checkpoints over that segment. */
  notes: (segment: number): string => `${digits(segment)}.notes`,
  /** What is left of every segment up to this one after their deletion. */
  stub: (segment: number): string => `${digits(segment)}.stub`,

  /** What a name says, or undefined for a file that is not a ledger's. */
  parse(name: string): { readonly segment: number; readonly kind: "log" | "notes" | "stub" } | undefined {
    const match = /^([0-9]{10})\.(log|notes|stub)$/.exec(name)
    const segment = Number(match?.[1])
    return match === null || segment < 1 ? undefined : { segment, kind: match[2] as "log" | "notes" | "stub" }
  }
}

const digits = (segment: number): string => String(segment).padStart(10, "0")
