import { type ASTNode, Environment } from "@marcbachmann/cel-js"
import type { Problems } from "../problem.ts"
import type { ResidencySection } from "../schema.ts"
import type { WorldRule } from "../world.ts"

/** How many elements all facts of a rule may have together: fewer where the rule walks over lists inside lists. */
const elementsMax = 2048
const nestedElementsMax = 256
const depthMax = 2
const textMax = 4096

const variables: ReadonlyArray<readonly [name: string, type: string]> = [
  ["operation", "map"],
  ["caller", "map"],
  ["actors", "list"],
  ["data_sets", "list"],
  ["sinks", "list"],
  ["upstream", "map"],
  ["now", "google.protobuf.Timestamp"]
]

const environment = new Environment({
  unlistedVariablesAreDyn: false,
  homogeneousAggregateLiterals: false,
  limits: { maxAstNodes: 200, maxDepth: 32, maxListElements: 64, maxMapEntries: 16, maxCallArguments: 8 }
})
for (const [name, type] of variables) environment.registerVariable(name, type)

/**
 * Compiles the rules, by name. What a rule can cost is bounded beforehand, as a running one cannot be stopped: its
 * size, how deep its walks over lists nest, how large its facts are; regular expressions are refused altogether.
 */
export const compileRules = (
  section: ResidencySection,
  problems: Problems
): { readonly rules: ReadonlyArray<WorldRule>; readonly readsClock: boolean } => {
  const rules: Array<WorldRule> = []
  const names = new Set<string>()
  let readsClock = false
  for (const [index, rule] of section.rules.entries()) {
    const path = ["residency", "rules", index]
    if (names.has(rule.name)) {
      problems.error(
        [...path, "name"],
        `the rule ${rule.name} stands here twice`,
        "Give each rule a name of its own: receipts cite it."
      )
    }
    names.add(rule.name)
    const compiled = compile(rule.when)
    if (typeof compiled === "string") {
      problems.error(
        [...path, "when"],
        `rule ${rule.name}: ${compiled}`,
        "Write a CEL expression that is true or false."
      )
      continue
    }
    readsClock ||= compiled.readsClock
    const { applies, personal } = compiled
    rules.push({ name: rule.name, then: rule.then, applies, personal })
  }
  return { rules: rules.toSorted((a, b) => (a.name < b.name ? -1 : 1)), readsClock }
}

/** The compiled expression, or what is wrong with it. */
const compile = (text: string): Pick<WorldRule, "applies" | "personal"> & { readsClock: boolean } | string => {
  if (text.length > textMax) return `it is longer than ${textMax} characters`
  try {
    const program = environment.parse(text)
    const checked = program.check()
    if (!checked.valid) return firstLine(checked.error?.message ?? "it does not type-check")
    if (checked.type !== "bool" && checked.type !== "dyn") return `it yields ${checked.type}, not bool`
    const walked: Walked = { clock: false, personal: false, depth: 0, deepest: 0, problem: undefined }
    walk(program.ast, walked)
    if (walked.problem !== undefined) return walked.problem
    const max = walked.deepest > 1 ? nestedElementsMax : elementsMax
    return {
      applies: (facts) => evaluate(program, facts, max),
      personal: walked.personal || walked.clock,
      readsClock: walked.clock
    }
  } catch (error) {
    return firstLine(error instanceof Error ? error.message : "it cannot be read")
  }
}

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? text

const evaluate = (
  program: (facts: any) => unknown,
  facts: Readonly<Record<string, unknown>>,
  max: number
): boolean | undefined => {
  try {
    if (elementsOf(facts) > max) return undefined
    const answer = program(facts)
    return typeof answer === "boolean" ? answer : undefined
  } catch {
    return undefined
  }
}

/** Counts the elements of everything in `value`; more than the bound when it is nested too deep or a text too long. */
const elements = (value: unknown, depth: number): number => {
  if (typeof value === "string") return value.length > textMax ? elementsMax + 1 : 0
  if (typeof value !== "object" || value === null || value instanceof Date) return 0
  if (depth > 8) return elementsMax + 1
  let count = 0
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    count += 1 + elements(item, depth + 1)
    if (count > elementsMax) break
  }
  return count
}

/** All rules are asked about the same facts: they are counted once. */
const counts = new WeakMap<object, number>()

const elementsOf = (facts: object): number => {
  const known = counts.get(facts)
  if (known !== undefined) return known
  const count = elements(facts, 0)
  counts.set(facts, count)
  return count
}

const walks = new Set(["all", "exists", "exists_one", "map", "filter"])

/** What a rule can learn of an identity beside the party that it matches. */
const personalFacts = new Set<unknown>(["subject", "issuer", "groups", "claims"])

/** A member by one of these names; one whose name is computed, which could be any of them. */
const readsPerson = (op: string, args: any): boolean => {
  if (op === ".") return personalFacts.has(args[1])
  if (op !== "[]") return false
  const [, { op: how, args: key }] = args
  return how === "value" ? personalFacts.has(key) : true
}

interface Walked {
  clock: boolean
  personal: boolean
  depth: number
  deepest: number
  problem: string | undefined
}

/** Looks for the clock, for regular expressions, and for walks inside walks inside walks. */
const walk = (node: unknown, found: Walked): void => {
  if (Array.isArray(node)) {
    for (const item of node) walk(item, found)
    return
  }
  if (typeof node !== "object" || node === null || !("op" in node) || !("args" in node)) return
  const { op, args } = node as ASTNode
  if (op === "id" && args === "now") found.clock = true
  if (readsPerson(op, args)) found.personal = true
  const called = op === "call" || op === "rcall" ? args[0] : ""
  if (called === "matches")
    found.problem = "regular expressions are not bounded in time; use startsWith, endsWith, contains or =="
  const nested = walks.has(called) ? 1 : 0
  found.depth += nested
  found.deepest = Math.max(found.deepest, found.depth)
  if (found.depth > depthMax) found.problem = `walks over lists nest deeper than ${depthMax}`
  walk(args, found)
  found.depth -= nested
}
