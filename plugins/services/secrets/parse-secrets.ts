import { parseDocument } from "yaml"

/**
 * The secrets in a YAML or JSON document: one map from names to texts. Undefined when it is anything else, repeats a
 * name or uses aliases. A number is refused too: `007` must be quoted to stay what was meant.
 */
export const parseSecrets = (text: string): ReadonlyMap<string, string> | undefined => {
  try {
    const document = parseDocument(text, { uniqueKeys: true, logLevel: "silent" })
    if (document.errors.length > 0) return undefined
    const map: unknown = document.toJS({ mapAsMap: true, maxAliasCount: 0 })
    if (!(map instanceof Map)) return undefined
    for (const [name, value] of map) if (typeof name !== "string" || typeof value !== "string") return undefined
    return map as ReadonlyMap<string, string>
  } catch {
    return undefined
  }
}
