import { readFileSync } from "node:fs"

/** Cases of a golden file: blocks of lines, the statement first, separated by empty lines. */
export const golden = (name: string): ReadonlyArray<readonly [statement: string, expected: string]> =>
  readFileSync(new URL(`./golden/${name}.txt`, import.meta.url), "utf8")
    .split("\n\n")
    .filter((block) => block.trim() !== "")
    .map((block) => {
      const [statement, ...lines] = block.split("\n")
      return [statement!, lines.join("\n").trimEnd()] as const
    })
