import type { Document } from "./document.ts"
import type { Problem } from "./problem.ts"

/** How problems are shown. */
export interface Style {
  readonly colour: boolean
}

const width_max = 160

/**
 * One problem as people read it: `file:line:column: error: what`, the source line with the place marked, why it is a
 * problem, and what to do. Without a position (modules) the file alone stands in front.
 */
export const diagnose = (document: Document, problem: Problem, style: Style = { colour: false }): string => {
  const paint = (code: number, text: string): string => style.colour ? `\u001b[${code}m${text}\u001b[0m` : text
  const place = document.place(problem)
  const where = place === undefined ? document.file : `${document.file}:${place.line}:${place.column}`
  const label = paint(problem.severity === "error" ? 31 : 33, problem.severity)
  const lines = [`${paint(1, where)}: ${label}: ${problem.what}`]
  const source = place === undefined ? undefined : document.lines[place.line - 1]
  if (place !== undefined && source !== undefined) {
    const gutter = `${place.line}`
    const { column, text } = excerpt(visible(source), place.column - 1)
    const marks = "^".repeat(Math.max(1, Math.min(place.length, text.length - column)))
    lines.push(`  ${gutter} | ${text}`)
    lines.push(`  ${" ".repeat(gutter.length)} | ${" ".repeat(column)}${paint(31, marks)}`)
  }
  if (problem.why !== undefined) lines.push(`  why: ${problem.why}`)
  if (problem.remedy !== undefined) lines.push(`  fix: ${problem.remedy}`)
  return lines.join("\n")
}

/** All of them, errors and warnings in the order of the file, with the sum at the end. */
export const diagnoseAll = (document: Document, problems: ReadonlyArray<Problem>, style?: Style): string => {
  const texts = inOrder(document, problems).map((problem) => diagnose(document, problem, style))
  return [...texts, summary(problems)].join("\n\n")
}

/** A problem as data. */
export interface Diagnostic extends Pick<Problem, "severity" | "path" | "what" | "why"> {
  readonly file: string
  readonly line?: number
  readonly column?: number
  readonly fix?: string
}

/** As data, for `--json` and the log. */
export const diagnoseJson = (document: Document, problems: ReadonlyArray<Problem>): ReadonlyArray<Diagnostic> =>
  inOrder(document, problems).map((problem) => {
    const place = document.place(problem)
    return {
      severity: problem.severity,
      file: document.file,
      ...(place === undefined ? {} : { line: place.line, column: place.column }),
      path: problem.path,
      what: problem.what,
      ...(problem.why === undefined ? {} : { why: problem.why }),
      ...(problem.remedy === undefined ? {} : { fix: problem.remedy })
    }
  })

const inOrder = (document: Document, problems: ReadonlyArray<Problem>): ReadonlyArray<Problem> => {
  const position = (problem: Problem): number => {
    const place = document.place(problem)
    return place === undefined ? 0 : place.line * 100_000 + place.column
  }
  return problems.toSorted((a, b) => position(a) - position(b))
}

const summary = (problems: ReadonlyArray<Problem>): string => {
  const errors = problems.filter((problem) => problem.severity === "error").length
  const warnings = problems.length - errors
  const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`
  const parts = [...(errors > 0 ? [count(errors, "error")] : []), ...(warnings > 0 ? [count(warnings, "warning")] : [])]
  return parts.join(", ")
}

/** As much of a long line as fits, with what stands at `column`, counted from 0, in it. */
const excerpt = (line: string, column: number): { readonly text: string; readonly column: number } => {
  const from = line.length <= width_max ? 0 : Math.max(0, Math.min(column - width_max / 2, line.length - width_max))
  const text = line.slice(from, from + width_max)
  return from === 0 ? { text, column } : { text: `\u2026${text.slice(1)}`, column: column - from }
}

/** Control characters and bidirectional overrides made harmless, one cell each, so that the caret still fits. */
const visible = (line: string): string =>
  line.replace(
    secrets,
    (all, key: string, value: string) =>
      /^credential/i.test(key) && !/[:\s]/.test(value) ? all : key + "\u00b7".repeat(value.length)
  )
    .replace(/\t/g, " ").replace(/[\p{Cc}\p{Cf}]/gu, "\u00b7")

/** A secret written where none, or only its name, belongs is refused, and not shown on the way. */
const secrets = /((?:credential|password|passwd|secret|token)["']?\s*:\s*)("[^"]*"|'[^']*'|[^\s,{}"']+)/gi
