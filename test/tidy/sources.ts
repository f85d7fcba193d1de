import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** Files by their path from the project's root, with `/`, and what they say. */
export type Sources = ReadonlyMap<string, string>

/** A rule of the house that a file breaks, as one line. */
export type Breach = string

const folders = new Set(["core", "protocols", "plugins", "config", "benchmarks", "test", "docs", "examples", "bin"])
const skipped = new Set(["node_modules", "dist", "coverage"])
const extensions = /\.(ts|mjs|md|json|ya?ml)$/

/** Every source and every page of the project: its folders, and the files at its top. */
export const readSources = (root = fileURLToPath(new URL("../../", import.meta.url))): Sources => {
  const sources = new Map<string, string>()
  const walk = (folder: string, enter: (name: string) => boolean): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`
      if (entry.name.startsWith(".") || skipped.has(entry.name)) continue
      if (entry.isDirectory() && enter(entry.name)) walk(path, () => true)
      if (entry.isFile() && extensions.test(entry.name) && entry.name !== "package-lock.json") {
        sources.set(path, readFileSync(join(root, path), "utf8"))
      }
    }
  }
  walk("", (name) => folders.has(name))
  return sources
}

/** The rooms that make the product; benchmarks and tests look at them from outside. */
export const isProduct = (path: string): boolean => /^(core|protocols|plugins|config)\/.*\.ts$/.test(path)
