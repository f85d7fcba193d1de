import { type Bench, type Case, made } from "./case.ts"
import { markup, messages, names } from "./refused-markup.ts"
import { signatures, signers } from "./refused-signatures.ts"
import { statements } from "./refused-statements.ts"

/** Responses that give nothing, each with why. */
export const refused = (bench: Bench): ReadonlyArray<Case> => {
  const now = Date.now()
  return Object.entries({ ...markup, ...signatures, ...statements, ...signers(bench), ...names, ...messages }).map(
    ([name, [recipe, why]]) => made(bench, name, { ...recipe, say: { notOnOrAfter: now + 7.2e6, ...recipe.say } }, why)
  )
}
