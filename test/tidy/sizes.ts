import { bareOf } from "./bare.ts"
import { type Breach, isProduct, type Sources } from "./sources.ts"

export const limits = { fileLines: 400, functionLines: 70, lineCharacters: 120 }

const control =
  /^\s*(\}\s*)?(else\s+)?(if|for|while|do|switch|try|catch|finally|else|class|export\s+(abstract\s+)?class|interface)\b/

/**
 * Functions that are too long, by their first line. Relies on the formatter: a block ends where its indentation does.
 */
export const longFunctions = (text: string): ReadonlyArray<{ readonly line: number; readonly lines: number }> => {
  const lines = bareOf(text).bare.split("\n")
  const indents = lines.map((line) => line.trim() === "" ? Infinity : line.length - line.trimStart().length)
  const long: Array<{ readonly line: number; readonly lines: number }> = []
  for (let i = 0; i < lines.length; i++) {
    if (!/(=>|\)(:[^=]*)?) \{$/.test(lines[i]!.trimEnd())) continue
    let start = i
    // The parameters may stand on lines of their own: the head is the line that opened them.
    if (/^\s*[)\]}>]/.test(lines[i]!)) { while (start > 0 && (start === i || indents[start]! > indents[i]!)) start-- }
    if (control.test(lines[start]!)) continue
    let end = i + 1
    while (end < lines.length && indents[end]! > indents[i]!) end++
    if (end - start + 1 > limits.functionLines) long.push({ line: start + 1, lines: end - start + 1 })
  }
  return long
}

/** What is too long to be read at once: files, functions and lines. */
export const sizeBreaches = (sources: Sources): ReadonlyArray<Breach> => {
  const breaches: Array<Breach> = []
  for (const [path, text] of sources) {
    if (!path.endsWith(".ts")) continue
    const lines = text.split("\n")
    if (lines.at(-1) === "") lines.pop()
    if (lines.length > limits.fileLines) {
      breaches.push(`${path}: ${lines.length} lines; a file may have ${limits.fileLines}`)
    }
    const breakable = bareOf(text).breakable.split("\n")
    breakable.forEach((line, i) => {
      if (Array.from(line).length <= limits.lineCharacters) return
      breaches.push(`${path}:${i + 1}: ${Array.from(line).length} characters; a line may have ${limits.lineCharacters}`)
    })
    if (!isProduct(path)) continue
    for (const { line, lines: count } of longFunctions(text)) {
      breaches.push(`${path}:${line}: a function of ${count} lines; one may have ${limits.functionLines}`)
    }
  }
  return breaches
}
