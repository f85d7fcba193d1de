import type { Edit } from "./edit.ts"

/** A text and what it would become: the lines that stay, and what changes between them. */
export interface Revision {
  /** The new text. */
  readonly text: string
  /** The change as a unified diff, as `patch` takes it. */
  readonly diff: string
}

const around = 3

interface Line {
  readonly old: string | undefined
  readonly next: string | undefined
}

/** Applies edits, all of which are meant for the text as it is. */
export const revise = (file: string, text: string, edits: ReadonlyArray<Edit>): Revision => {
  const lines = changed(text, edits)
  const next = lines.flatMap((line) => line.next === undefined ? [] : [line.next]).join("")
  return { text: next, diff: unified(file, lines) }
}

const changed = (text: string, edits: ReadonlyArray<Edit>): ReadonlyArray<Line> => {
  const ending = text.includes("\r\n") ? "\r\n" : "\n"
  const old = text.split(/(?<=\n)/)
  const lines: Array<Line> = []
  for (let at = 0; at <= old.length; at++) {
    for (const line of added(edits, at)) {
      terminate(lines, ending)
      lines.push({ old: undefined, next: `${line}${ending}` })
    }
    if (at < old.length) lines.push({ old: old[at]!, next: within(old[at]!, edits, at) })
  }
  return lines
}

/** Lines that go before line `at`: what belongs to the innermost map first. */
const added = (edits: ReadonlyArray<Edit>, at: number): ReadonlyArray<string> =>
  edits.flatMap((edit) => edit._tag === "Lines" && edit.before === at ? [edit] : [])
    .toSorted((a, b) => b.depth - a.depth)
    .flatMap(({ lines }) => lines)

const within = (line: string, edits: ReadonlyArray<Edit>, at: number): string =>
  edits.flatMap((edit) => edit._tag === "Within" && edit.line === at ? [edit] : [])
    .toSorted((a, b) => b.column - a.column)
    .reduce((next, { column, text }) => next.slice(0, column) + text + next.slice(column), line)

/** A last line that did not end gets an end before another one follows. */
const terminate = (lines: Array<Line>, ending: string): void => {
  const last = lines.at(-1)
  if (last?.next !== undefined && !last.next.endsWith("\n"))
    lines[lines.length - 1] = { ...last, next: last.next + ending }
}

const unified = (file: string, lines: ReadonlyArray<Line>): string => {
  const kept = new Set<number>()
  for (const [at, { next, old }] of lines.entries()) {
    if (old !== next) { for (let near = at - around; near <= at + around; near++) kept.add(near) }
  }
  const out = [`--- a/${file}`, `+++ b/${file}`]
  let [from, to] = [1, 1]
  for (let at = 0; at < lines.length;) {
    let end = at
    while (end < lines.length && kept.has(end)) end++
    const hunk = lines.slice(at, end)
    if (hunk.length > 0) {
      out.push(...hunkOf(hunk, from, to))
    } else end = at + 1
    for (const { next, old } of lines.slice(at, end)) {
      if (old !== undefined) from++
      if (next !== undefined) to++
    }
    at = end
  }
  return out.join("\n")
}

const hunkOf = (lines: ReadonlyArray<Line>, from: number, to: number): ReadonlyArray<string> => {
  const olds = lines.filter(({ old }) => old !== undefined).length
  const news = lines.filter(({ next }) => next !== undefined).length
  const body: Array<string> = []
  for (let at = 0; at < lines.length;) {
    const run = changedFrom(lines, at)
    if (run.length === 0) body.push(...marked(" ", lines[at]!.old!))
    else {
      body.push(...run.flatMap(({ old }) => old === undefined ? [] : marked("-", old)))
      body.push(...run.flatMap(({ next }) => next === undefined ? [] : marked("+", next)))
    }
    at += Math.max(1, run.length)
  }
  return [`@@ -${from},${olds} +${to},${news} @@`, ...body]
}

/** The lines from one on that change: what goes is shown before what comes. */
const changedFrom = (lines: ReadonlyArray<Line>, at: number): ReadonlyArray<Line> => {
  const end = lines.findIndex(({ next, old }, index) => index >= at && old === next)
  return lines.slice(at, end < 0 ? lines.length : end)
}

const marked = (sign: string, line: string): ReadonlyArray<string> =>
  line.endsWith("\n") ? [sign + line.slice(0, -1)] : [sign + line, "\\ No newline at end of file"]
