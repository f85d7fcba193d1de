import { defineFamily, type Operation, type Output } from "sluice"

export interface Ask extends Operation {
  readonly line: string
}
export interface Answer extends Output {
  readonly text: string
}

/** What plugins for this kind of protocol are written against. */
export const Lines = defineFamily<Ask, Answer>("lines")
export type Lines = typeof Lines

/** What a line asks for, and what it touches. What is in no table is unknown, and touches everything. */
export const read = (line: string): Ask => {
  const [verb = "", name = ""] = line.split(" ")
  const kind = verb === "GET" ? "read" : verb === "PUT" ? "write" : "unknown"
  const topic = { kind: "topic", name } as const
  return {
    kind,
    reads: kind === "read" ? [topic] : [],
    writes: kind === "write" ? [topic] : [],
    resolved: kind !== "unknown",
    digest: line,
    summary: `${kind} ${name}`,
    line
  }
}
