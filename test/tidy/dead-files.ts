import { importsOf } from "./imports.ts"
import { type Breach, isProduct, type Sources } from "./sources.ts"

/** Where the product is entered: the command, and what the package shows to those who depend on it. */
const entriesOf = (sources: Sources): ReadonlyArray<string> => {
  const shown = [...(sources.get("package.json") ?? "").matchAll(/"\.\/([^"]+\.ts)"/g)].map((match) => match[1]!)
  return ["config/main.ts", ...shown]
}

/** Files of the product that nothing reaches. What only a test imports is dead too. */
export const deadFiles = (sources: Sources): ReadonlyArray<Breach> => {
  const reached = new Set<string>()
  const reach = (path: string): void => {
    const text = sources.get(path)
    if (text === undefined || reached.has(path)) return
    reached.add(path)
    for (const { target } of importsOf(path, text)) if (target !== undefined) reach(target)
  }
  entriesOf(sources).forEach(reach)
  return [...sources.keys()].filter((path) => isProduct(path) && !path.endsWith(".d.ts") && !reached.has(path))
    .map((path) => `${path}: nothing that runs imports it`)
}
