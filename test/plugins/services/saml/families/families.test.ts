import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { judgedBy, type Mutant, ROOT } from "../../../../fixtures/mutants.ts"
import { accepted } from "./accepted.ts"
import type { Case } from "./case.ts"
import { corpusOf, makeBench } from "./corpus.ts"
import { misjudged } from "./judge.ts"
import { refused } from "./refused.ts"

const directory = mkdtempSync(join(tmpdir(), "saml-families-"))
let good: ReadonlyArray<Case>
let bad: ReadonlyArray<Case>
beforeAll(() => {
  const bench = makeBench(directory)
  good = accepted(bench)
  bad = refused(bench)
})
afterAll(() => rmSync(directory, { recursive: true }))

describe("responses of every family in the literature", () => {
  it("give a token once where they should", async () => {
    expect(await misjudged(ROOT, corpusOf(directory, good))).toEqual([])
  })
  it("are refused, each for what is wrong with it", async () => {
    expect(bad.length).toBeGreaterThan(150)
    expect(await misjudged(ROOT, corpusOf(directory, bad))).toEqual([])
  })
})

/** Ways to break the room. Each lets in what should be refused, refuses what is good, or loses why. */
const mutants: ReadonlyArray<Mutant> = [
  ["guard.ts", "if (body.includes(\"<?\"))", "if (false)"],
  ["guard.ts", "if (body.includes(\"<!\"))", "if (false)"],
  ["guard.ts", "if (tags === undefined) return", "if (tags === undefined) return xml; if (false) return"],
  ["guard.ts", "fault === undefined ? xml", "true ? xml"],
  ["guard.ts", "xml.replace(DECLARATION, \"\")", "xml"],
  ["markup.ts", "if (REFERENCE.test(text) ||", "if ("],
  ["markup.ts", "|| open.length === 0 && text.trim() !== \"\"", ""],
  ["markup.ts", "|| (open.length === 0 && tags.length > 0)", ""],
  ["markup.ts", "if (open.pop()?.written !== closing[1]) return undefined", "open.pop()"],
  ["markup.ts", "attributes.has(name) ||", ""],
  ["markup.ts", "|| REFERENCE.test(value)", ""],
  ["markup.ts", "DEPTH_MAX) return undefined", "1e9) return undefined"],
  ["markup.ts", "return open.length === 0 && tags.length > 0 ? tags : undefined", "return tags"],
  ["markup.ts", "last.text = text", "last.text = \"\""],
  ["shape.ts", "found.length !== 1 ||", "found.length === 0 ||"],
  ["shape.ts", "|| found[0]!.parent?.name !== parent", ""],
  ["shape.ts", "attributes.get(\"Version\") !== \"2.0\"", "false"],
  ["shape.ts", "if (tags.some((tag) => tag.name === name)) return", "if (false) return"],
  ["shape.ts", "ALGORITHMS.has(algorithm)", "true"],
  ["shape.ts", "destination === consumer", "true"],
  ["shape.ts", "(valuesOf(tags, \"InResponseTo\")).size > 1", "(valuesOf(tags, \"InResponseTo\")).size > 9"],
  ["shape.ts", "plainOf(text) === provider", "true"],
  ["shape.ts", "codes.length === 0 ||", ""],
  ["shape.ts", "|| codes.some((", "|| codes.every(("],
  ["shape.ts", "attributes.get(\"Value\") !== SUCCESS", "false"],
  ["shape.ts", "return namesFault(tags) ??", "return"],
  ["shape.ts", "?? signatureFault(tags)", ""],
  ["shape.ts", "if (declares && !value.includes(\":\")", "if (false && !value.includes(\":\")"],
  ["shape.ts", "(value !== \"\" || name !== \"xmlns\")", "true"],
  ["shape.ts", "localOf(name).toLowerCase() !== \"id\"", "name !== \"ID\""],
  ["shape.ts", "name.includes(\":\") || name === \"id\" || seen.has(value)", "false"],
  ["shape.ts", "|| seen.has(value)", ""],
  ["shape.ts", "signatures.length > 2", "false"],
  ["shape.ts", "const isOne = references.length === 0 &&", "const isOne ="],
  ["shape.ts", "of(\"SignedInfo\").length === 1 &&", ""],
  ["shape.ts", "&& of(\"SignatureValue\").length === 1", ""],
  ["shape.ts", "const signs = reference", "const signs = true || reference"],
  ["shape.ts", "(parent?.name !== \"Assertion\" && parent?.name !== \"Response\")", "false"],
  ["shape.ts", "filter(([name]) => localOf(name) === attribute)", "filter(([name]) => name === attribute)"],
  ["provider.ts", "wantAssertionsSigned: true", "wantAssertionsSigned: false"],
  ["provider.ts", "audience: entityOf(config),", "audience: false,"],
  ["provider.ts", "acceptedClockSkewMs: config.clock_skew_seconds * 1000", "acceptedClockSkewMs: 0"],
  ["provider.ts", "idpCert: [...certificates]", "idpCert: [certificates[0]]"],
  ["assertion.ts", "issuers.length > 0 ||", ""],
  ["assertion.ts", "if (groups === undefined) return", "if (false) return"],
  ["assertion.ts", "if (isOver(assertion, now))", "if (false)"],
  ["assertion.ts", "!(now < Date.parse(ends))", "now >= Date.parse(ends)"],
  ["assertion.ts", "every(isUnderstood)", "every(() => true)"],
  ["assertion.ts", "|| Object.keys(name).some((key) => key !== \"$\" && key !== \"_\")", ""],
  ["assertion.ts", "&& text.trim() === text", ""],
  ["assertion.ts", "const plain = text !== \"\" &&", "const plain ="],
  ["assertion.ts", "&& text.length <= NAME_CHARACTERS_MAX", ""],
  ["assertion.ts", "[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]", "[\\p{Cf}]"],
  ["assertion.ts", "[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]", "[\\p{Cc}]"],
  ["assertion.ts", "!== TRANSIENT", "!== \"\""],
  ["assertion.ts", "confirmation?.$?.[\"Method\"] !== BEARER ||", ""],
  ["assertion.ts", "|| more.length > 0 || others", "|| others"],
  ["assertion.ts", "if (Recipient !== consumerOf(config)) return", "if (false) return"],
  ["assertion.ts", "if (InResponseTo === undefined) return", "if (false) return"],
  ["assertion.ts", "!(Date.parse(NotBefore) <= now + skew)", "false"],
  ["assertion.ts", "attribute.$?.[\"Name\"] === name", "true"],
  ["assertion.ts", ".filter((value) => value !== \"\")", ""],
  ["assertion.ts", "return plain ? values", "return true ? values"],
  ["request.ts", "if (!/^_[0-9a-f]{40}$/.test(id)) return", "if (false) return"],
  ["request.ts", "result: untilOf(kept) > now", "result: true"],
  ["request.ts", "result: kept === undefined", "result: true"],
  ["site.ts", "if (!(yield* requests.consume(assertion.inResponseTo, now())))", "if (false)"],
  ["site.ts", "if (!(yield* requests.spend(assertion.id, assertion.until)))", "if (false)"]
]

describe("a room that is broken", () => {
  it("is found out, in each of many ways", async () => {
    const judge = new URL("./judge.ts", import.meta.url)
    const corpus = corpusOf(directory, [...good, ...bad])
    const judged = await judgedBy(mutants, { room: "plugins/services/saml", judge, corpus })
    expect(mutants.filter((_mutant, i) => judged[i]!.length === 0)).toEqual([])
    expect(judged.flat().filter((what) => what.includes("cannot be loaded"))).toEqual([])
  }, 600_000)
})
