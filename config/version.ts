import { readFileSync } from "node:fs"

/** The version of this Sluice. From the source or from `dist/`, its manifest is the nearest one above. */
export const version = (): string => {
  for (const up of ["../package.json", "../../package.json"]) {
    try {
      return String(JSON.parse(readFileSync(new URL(up, import.meta.url), "utf8")).version)
    } catch {
      continue
    }
  }
  return "unknown"
}
