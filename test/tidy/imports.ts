import { posix } from "node:path"
import { bareOf } from "./bare.ts"

export interface Import {
  readonly specifier: string
  /** `import type` and `export type`: gone when the file runs. */
  readonly isType: boolean
  /** The file, from the project's root, when the specifier is relative. */
  readonly target: string | undefined
}

const CLAUSE = String.raw`(?:\w+\s*,\s*)?(?:\*(?:\s+as\s+\w+)?|\{[^{}]*\}|\w+)`
const fromClause = new RegExp(String.raw`^(?:import|export)\s+(type\s+)?${CLAUSE}\s+from\s+"([^"]+)"`, "gm")
const alone = /^import\s+"([^"]+)"/gm
const dynamic = /\bimport\(\s*"([^"]+)"/g
const located = /\bnew URL\(\s*"(\.[^"]+\.ts)"\s*,\s*import\.meta\.url/g

/** What `text`, the source of `path`, imports: statements, `import()`, and the workers that it names by their URL. */
export const importsOf = (path: string, text: string): ReadonlyArray<Import> => {
  const { code } = bareOf(text)
  const found = (specifier: string, isType: boolean): Import => ({
    specifier,
    isType,
    target: specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : undefined
  })
  return [
    ...[...code.matchAll(fromClause)].map((match) => found(match[2]!, match[1] !== undefined)),
    ...[alone, dynamic, located].flatMap((form) => [...code.matchAll(form)].map((match) => found(match[1]!, false)))
  ]
}
