import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../../", import.meta.url))

/** Pages by their path from the project's root. */
export type Pages = ReadonlyMap<string, string>

/** A block of code in a page. */
export interface Block {
  readonly page: string
  /** Of the first line within the fence, from 1. */
  readonly line: number
  readonly language: string
  /** What follows the language: `run`. */
  readonly mark: string
  readonly text: string
}

/** Everything that people read: the pages at the top, below `docs`, and those of the rooms. */
export const readPages = (): Pages => {
  const pages = new Map<string, string>()
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`
      if (entry.name.startsWith(".") || entry.name === "node_modules" || entry.name === "dist") continue
      if (entry.isDirectory()) walk(path)
      if (entry.isFile() && entry.name.endsWith(".md")) pages.set(path, readFileSync(join(root, path), "utf8"))
    }
  }
  walk("")
  return pages
}

/** The pages for users: what their blocks show must work. Rooms' pages show formats and fragments of their own. */
export const isForUsers = (path: string): boolean => !path.includes("/") || path.startsWith("docs/")

export const blocksOf = (page: string, text: string): ReadonlyArray<Block> => {
  const blocks: Array<Block> = []
  let open:
    | { readonly fence: string; readonly line: number; readonly info: string; readonly body: Array<string> }
    | undefined
  for (const [index, line] of text.split("\n").entries()) {
    const fence = /^\s*(`{3,})(.*)$/.exec(line)
    if (open === undefined) {
      if (fence !== null) open = { fence: fence[1]!, line: index + 2, info: fence[2]!.trim(), body: [] }
    } else if (fence?.[2] === "" && fence[1] === open.fence) {
      const [language = "", ...mark] = open.info.split(/\s+/)
      blocks.push({ page, line: open.line, language, mark: mark.join(" "), text: `${open.body.join("\n")}\n` })
      open = undefined
    } else open.body.push(line)
  }
  return blocks
}

export const allBlocks = (pages: Pages): ReadonlyArray<Block> =>
  [...pages].filter(([path]) => isForUsers(path)).flatMap(([path, text]) => blocksOf(path, text))

/** What is wrong, as one line that an editor can jump to. */
export const at = ({ line, page }: Block, what: string): string => `${page}:${line}: ${what}`
