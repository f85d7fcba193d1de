import { type MaskingConfig, masksIn } from "./config.ts"
import { kinds } from "./kinds.ts"
import type { Mask } from "./operators/index.ts"

/** Kinds that may hold anything. */
const anything: ReadonlySet<string> = new Set(["text", "redact"])

/**
 * For which kinds an operator has masks, where it does not have them for all; anything else it redacts, or makes NULL
 * where the type cannot hold that.
 */
const holds = (mask: Mask): { readonly kinds: ReadonlySet<string>; readonly of: string } | undefined => {
  switch (mask.use) {
    case "shift":
      return { kinds: new Set(["date_of_birth"]), of: "dates" }
    case "noise":
      return { kinds: new Set(), of: "numbers" }
    case "json":
      return { kinds: new Set(["free_text", "secret"]), of: "JSON documents" }
    case "fpe":
      return mask.alphabet === "digits"
        ? { kinds: new Set(["phone", "us_ssn", "national_id", "iban", "card"]), of: "values with six digits and more" }
        : undefined
    case "generalise":
      return generalised[mask.to]
    default:
      return undefined
  }
}

const dates = { kinds: new Set(["date_of_birth"]), of: "dates" }
const generalised: Readonly<Record<string, { readonly kinds: ReadonlySet<string>; readonly of: string }>> = {
  year: dates,
  month: dates,
  zip3: { kinds: new Set(["address"]), of: "ZIP codes of the United States" },
  network: { kinds: new Set(["ip"]), of: "network addresses" },
  band: { kinds: new Set(["date_of_birth"]), of: "numbers and dates" }
}

/** What `check` says of masks that are in order and may not do what they look like. */
export const cautions = (config: MaskingConfig): ReadonlyArray<string> => {
  const said = new Set<string>()
  for (const [name, mask] of masksIn(config)) {
    const held = holds(mask)
    const isDoubtful = held !== undefined && kinds.has(name) && !anything.has(name) && !held.kinds.has(name)
    if (isDoubtful)
      said.add(`\`${mask.use}\` of ${name} has masks only for ${held.of}; what else there is comes redacted`)
    if (mask.use === "fpe" && config.unmask_to_group === undefined) {
      said.add(`the masks of ${name} by \`fpe\` can be undone, but by nobody: there is no \`unmask_to_group\``)
    }
  }
  return [...said]
}
