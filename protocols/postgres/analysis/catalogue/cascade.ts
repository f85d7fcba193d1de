import type { Cascade } from "./snapshot.ts"

/** What a foreign key does on an event: `c` passes it on, `n` and `d` set columns, `a` and `r` do nothing. */
export const cascade = (event: Cascade["event"], action: string, relation: string): ReadonlyArray<Cascade> => {
  if (action === "c") return [{ event, relation, effect: event }]
  return action === "n" || action === "d" ? [{ event, relation, effect: "update" }] : []
}
