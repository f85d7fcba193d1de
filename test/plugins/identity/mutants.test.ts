import { hash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { judgedBy, type Mutant, ROOT } from "../../fixtures/mutants.ts"
import { type Claimed, misjudged } from "./judge.ts"

const certificate = Buffer.from("certificate").toString("base64")
const bound = { "x5t#S256": hash("sha256", "certificate", "base64url") }
const chain = (names: ReadonlyArray<string>): object | undefined =>
  names.toReversed().reduce<object | undefined>((act, sub) => act === undefined ? { sub } : { sub, act }, undefined)
const many = (length: number): ReadonlyArray<string> => Array.from({ length }, (_, i) => `a${i}`)

const row = (name: string, expected: string, claims: object, more: Partial<Claimed> = {}): Claimed => ({
  name,
  expected,
  claims: { sub: "ann", ...claims },
  ...more
})

const corpus: ReadonlyArray<Claimed> = [
  row("a person", "ann", {}),
  row("a person through two", "ann < bot < planner", { act: chain(["bot", "planner"]) }),
  row("eight", `ann < ${many(8).join(" < ")}`, { act: chain(many(8)) }),
  row("nine", "refused", { act: chain(many(9)) }),
  row("an actor twice", "refused", { act: chain(["a", "b", "a"]) }),
  row("the subject again", "refused", { act: chain(["bot", "ann"]) }),
  row("the subject again, under another claim", "refused", { oid: "o", act: chain(["ann"]) }, {
    options: { subject_claim: "oid" }
  }),
  row("the subject again, by the claim that names it", "refused", { oid: "o", act: chain(["o"]) }, {
    options: { subject_claim: "oid" }
  }),
  row("an equal name elsewhere", "ann < ann", { act: { sub: "ann", iss: "https://other.test" } }),
  row("act is a list", "refused", { act: [{ sub: "bot" }] }),
  row("act is null", "refused", { act: null }),
  row("act is a text", "refused", { act: "bot" }),
  row("act without sub", "refused", { act: {} }),
  row("an actor of a bad issuer", "refused", { act: { sub: "bot", iss: 7 } }),
  row("an actor of bad groups", "refused", { act: { sub: "bot", groups: [7] } }),
  row("may_act by name", "ann < bot", { act: { sub: "bot" }, may_act: { sub: "bot" } }),
  row("may_act of another", "refused", { act: { sub: "bot" }, may_act: { sub: "other" } }),
  row("may_act of another issuer", "refused", {
    act: { sub: "bot" },
    may_act: { sub: "bot", iss: "https://other.test" }
  }),
  row("may_act of the one behind", "refused", { act: chain(["bot", "planner"]), may_act: { sub: "planner" } }),
  row("may_act without sub", "refused", { act: { sub: "bot", cid: "c" }, may_act: { cid: "c" } }),
  row("may_act as a list", "refused", { act: { sub: "bot" }, may_act: [{ sub: "bot" }] }),
  row("may_act with no actor", "ann", { may_act: { sub: "bot" } }),
  row("a client as the agent", "ann < cli", { azp: "cli" }, { options: { agent_claim: "azp" } }),
  row("a client beside act", "ann < bot", { azp: "cli", act: { sub: "bot" } }, { options: { agent_claim: "azp" } }),
  row("a client that is the subject", "ann", { azp: "ann" }, { options: { agent_claim: "azp" } }),
  row("a client that is the subject under another claim", "o", { oid: "o", azp: "ann" }, {
    options: { agent_claim: "azp", subject_claim: "oid" }
  }),
  row("a client, not asked for", "ann", { azp: "cli" }),
  row("an e-mail address", "refused", { email: "a@b" }, { options: { subject_claim: "email" } }),
  row("an e-mail address, verified by a text", "refused", { email: "a@b", email_verified: "true" }, {
    options: { subject_claim: "email" }
  }),
  row("an e-mail address, verified", "a@b", { email: "a@b", email_verified: true }, {
    options: { subject_claim: "email" }
  }),
  row("no such claim", "refused", {}, { options: { subject_claim: "oid" } }),
  row("a claim of the prototype", "refused", {}, { options: { subject_claim: "constructor.name" } }),
  row("groups that are a number", "refused", { groups: 7 }),
  row("a thousand groups and one", "refused", { groups: many(1001) }),
  ...["", "a\u0000b", "a\u202e", "a\ud800b", "a\u2028b", "a\u2029b", " a", "a".repeat(257)].map((group) =>
    row(`the group ${JSON.stringify(group.slice(0, 9))}`, "refused", { groups: [group] })
  ),
  row("an actor of a name that looks like another", "refused", { act: { sub: "bot\u200b" } }),
  row("bound, with its certificate", "ann", { cnf: bound }, { certificate }),
  row("bound, with another", "refused", { cnf: bound }, { certificate: "AAAA" }),
  row("bound, with none", "refused", { cnf: bound }),
  row("bound to a key as well", "refused", { cnf: { ...bound, jkt: "x" } }, { certificate }),
  row("bound to a key", "refused", { cnf: { jkt: hash("sha256", "certificate", "base64url") } }, { certificate }),
  row("bound to nothing", "refused", { cnf: {} }, { certificate }),
  row("bound to null", "refused", { cnf: null }, { certificate })
]

const mutants: ReadonlyArray<Mutant> = [
  ["actors.ts", "|| acts.length === ACTORS_MAX", ""],
  ["actors.ts", "if (seen.has(keyOf(actor))) return", "if (false) return"],
  ["actors.ts", "seen.add(keyOf(actor))", ""],
  ["actors.ts", "new Set([keyOf(subject), ", "new Set(["],
  ["actors.ts", ", JSON.stringify([subject.issuer, claims[\"sub\"]])", ""],
  ["actors.ts", "JSON.stringify([identity.issuer, identity.subject])", "identity.subject"],
  [
    "actors.ts",
    "if (actor === undefined) return refused",
    "if (actor === undefined) continue; if (false) return refused"
  ],
  ["actors.ts", "!isName(iss) ||", ""],
  ["actors.ts", "!isName(sub) ||", ""],
  ["actors.ts", "|| groups === undefined) return", ") return"],
  ["actors.ts", "const nearest = acts[0]", "const nearest = acts.at(-1)"],
  ["actors.ts", "Object.hasOwn(claims, \"may_act\") &&", "false &&"],
  ["actors.ts", "return Object.hasOwn(allowed, \"sub\")\n    && members", "return members"],
  ["actors.ts", "&& known[name] === value", ""],
  ["actors.ts", "{ iss: issuer, ...actor }", "{ iss: issuer, ...actor, ...(allowed as object) }"],
  [
    "actors.ts",
    "if (acts.length > 0 || config.agent_claim === undefined) return acts",
    "if (config.agent_claim === undefined) return acts"
  ],
  ["actors.ts", "|| agent === claims[\"sub\"]", "|| false"],
  ["binding.ts", "if (!isBound(claims)) return true", "if (!isBound(claims)) return false"],
  ["binding.ts", "peer.certificate === undefined) return false", "peer.certificate === undefined) return true"],
  ["binding.ts", "members.length === 1\n    && ", ""],
  ["binding.ts", "&& members[0]![0] === \"x5t#S256\"", ""],
  ["binding.ts", "members[0]![1] === hash(", "\"\" !== hash("],
  ["caller.ts", "claims[\"email_verified\"] !== true", "!claims[\"email_verified\"]"],
  ["caller.ts", "if (!isName(subject)) return", "if (typeof subject !== \"string\" && subject !== undefined) return"],
  ["claims.ts", "listed.length <= GROUPS_MAX && ", ""],
  ["claims.ts", "value !== \"\" && ", ""],
  ["claims.ts", "value.length <= NAME_LENGTH_MAX && ", ""],
  ["claims.ts", "value.trim() === value\n  && ", ""],
  ["claims.ts", "\\p{Cc}", ""],
  ["claims.ts", "\\p{Cf}", ""],
  ["claims.ts", "\\p{Cs}", ""],
  ["claims.ts", "\\p{Zl}", ""],
  ["claims.ts", "\\p{Zp}", ""]
]

describe("the room of identity", () => {
  it("judges claims, chains and bindings rightly", async () => expect(await misjudged(ROOT, corpus)).toEqual([]))
  it("is found out when it is broken, in each of many ways", async () => {
    const judge = new URL("./judge.ts", import.meta.url)
    const judged = await judgedBy(mutants, { room: "plugins/identity", judge, corpus })
    expect(mutants.filter((_mutant, i) => judged[i]!.length === 0)).toEqual([])
    expect(judged.flat().filter((what) => what.includes("cannot be loaded"))).toEqual([])
  }, 120_000)
})
