import { existsSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { type Pages, root } from "./pages.ts"

/** Links of all pages to files that are not there, or to headings that a page has not. */
export const brokenLinks = (pages: Pages): ReadonlyArray<string> => {
  const broken: Array<string> = []
  for (const [page, text] of pages) {
    for (const [, target] of withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue
      const [path = "", anchor] = target!.split("#")
      const file = path === "" ? page : normalize(join(dirname(page), path)).replace(/\/$/, "")
      if (!pages.has(file) && !existsSync(join(root, file))) broken.push(`${page}: no file for ${target}`)
      else if (anchor !== undefined && pages.has(file) && !anchorsOf(pages.get(file)!).has(anchor)) {
        broken.push(`${page}: no heading for ${target}`)
      }
    }
  }
  return broken
}

const withoutCode = (text: string): string =>
  text.replaceAll(/^(`{3,}).*\n[\s\S]*?^\1$/gm, "").replaceAll(/`[^`\n]*`/g, "")

/** The anchors that a heading gets where pages are shown. */
const anchorsOf = (text: string): ReadonlySet<string> => {
  const anchors = new Set<string>()
  for (const [, heading] of text.replaceAll(/^(`{3,}).*\n[\s\S]*?^\1$/gm, "").matchAll(/^#+ (.+)$/gm)) {
    anchors.add(heading!.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(/\s/g, "-"))
  }
  return anchors
}
