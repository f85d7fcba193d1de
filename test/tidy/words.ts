import type { Breach, Sources } from "./sources.ts"

/** The project speaks only of itself. Taken apart here, so that this file is not its own first breach. */
const words = [
  ["/wo", "rk/"],
  ["shared/de", "sign"],
  ["the design pa", "ge"],
  ["the bri", "ef says"],
  ["time b", "ox"],
  ["Clau", "de"],
  ["Anthro", "pic"],
  ["Chat", "GPT"],
  ["Copi", "lot"],
  ["TO", "DO"],
  ["FIX", "ME"]
].map((parts) => parts.join(""))

const patterns = words.map((word) => ({
  word,
  pattern: /^[A-Z]+$/.test(word) ? new RegExp(`\\b${word}\\b`) : new RegExp(word.replaceAll("/", "\\/"), "i")
}))

/** Words that have no place here, and where they stand. */
export const wordBreaches = (sources: Sources): ReadonlyArray<Breach> => {
  const breaches: Array<Breach> = []
  for (const [path, text] of sources) {
    for (const { pattern, word } of patterns) {
      const match = pattern.exec(text)
      if (match === null) continue
      breaches.push(`${path}:${text.slice(0, match.index).split("\n").length}: says ${JSON.stringify(word)}`)
    }
  }
  return breaches
}
