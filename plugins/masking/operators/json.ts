import type { ValueType } from "../../../core/family/sql/index.ts"
import type { Operator } from "./operator.ts"
import { replaceInJson } from "./json-scan.ts"
import { classOf } from "./value-class.ts"

const TEXT: ValueType = { name: "text" }

/**
 * `use: json`: the values that JSON pointers lead to are masked, and the rest stays. `*` leads to every member and
 * every element. A document that cannot be read is masked as a whole.
 */
export const json = (paths: ReadonlyMap<string, Operator>, constant: string): Operator => {
  const steps = [...paths].map(([pointer, operator]) => ({ steps: stepsOf(pointer), operator }))
  return {
    use: "json",
    fixed: false,
    constant,
    of: (text, type) => {
      const valueClass = classOf(type)
      if (valueClass !== "json" && valueClass !== "text") return undefined
      return replaceInJson(text, (path) => {
        const found = steps.find((one) => matches(one.steps, path))
        return found === undefined ? undefined : (value) => memberMask(found.operator, value)
      })
    }
  }
}

/** The mask of a string by its characters, of a number by its digits, of anything else the constant; as JSON. */
const memberMask = (operator: Operator, spelt: string): string => {
  if (spelt === "null") return spelt
  const isText = spelt.startsWith("\"")
  const scalar = isText ? JSON.parse(spelt) as string : /^[-0-9]/.test(spelt) ? spelt : undefined
  const made = scalar === undefined || operator.fixed ? undefined : operator.of(scalar, TEXT)
  const mask = made === undefined ? operator.constant : made
  return mask === null ? "null" : JSON.stringify(mask)
}

/** RFC 6901: `~1` is a slash, `~0` a tilde. */
const stepsOf = (pointer: string): ReadonlyArray<string> =>
  pointer.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))

const matches = (steps: ReadonlyArray<string>, path: ReadonlyArray<string>): boolean =>
  steps.length === path.length && steps.every((step, i) => step === "*" || step === path[i])
