import type { Problem, Problems } from "../problem.ts"

const name = /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/

/** Checks that a name can be used where receipts, selectors and messages print it. */
export const checkName = (
  path: Problem["path"],
  text: string,
  what: string,
  reserved: ReadonlyArray<string>,
  problems: Problems
): void => {
  if (reserved.includes(text)) {
    problems.error(
      path,
      `${text} cannot be the name of a ${what}: the word has a meaning of its own`,
      "Choose another name."
    )
  } else if (!name.test(text)) {
    problems.error(
      path,
      `${JSON.stringify(text.slice(0, 64))} cannot be the name of a ${what}`,
      "Start with a letter; use letters, digits, `_`, `.` and `-`; at most 128 characters."
    )
  }
}

/** Names that exist: a map's keys, or a set. */
export interface Known {
  has(name: string): boolean
  keys(): Iterable<string>
}

/** Checks that `text` is one of `known`, and suggests the nearest one. */
export const checkKnown = (
  path: Problem["path"],
  text: string,
  what: string,
  known: Known,
  problems: Problems
): boolean => {
  if (known.has(text)) return true
  const names = [...known.keys()]
  const near = nearest(text, names)
  problems.error(
    path,
    `${what} ${text.slice(0, 128)} does not exist`,
    near === undefined ? `Declare it, or name one that is: ${list(names)}.` : `Did you mean ${near}?`
  )
  return false
}

const list = (names: ReadonlyArray<string>): string => {
  if (names.length === 0) return "there is none"
  return names.length > 8 ? `${names.slice(0, 8).join(", ")}…` : names.join(", ")
}

/** The name that is at most two letters away, if there is one. */
const nearest = (text: string, names: ReadonlyArray<string>): string | undefined => {
  let best: string | undefined
  let distance = 3
  for (const candidate of names) {
    if (Math.abs(candidate.length - text.length) >= distance) continue
    const found = edits(text, candidate)
    if (found < distance && found < candidate.length) [best, distance] = [candidate, found]
  }
  return best
}

/** Levenshtein's distance. */
const edits = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
