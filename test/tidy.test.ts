import { describe, expect, it } from "vitest"
import { bareOf } from "./tidy/bare.ts"
import { deadFiles } from "./tidy/dead-files.ts"
import { importBreaches, roomOf, table } from "./tidy/import-table.ts"
import { importsOf } from "./tidy/imports.ts"
import { nameBreaches, pageBreaches } from "./tidy/pages.ts"
import { limits, longFunctions, sizeBreaches } from "./tidy/sizes.ts"
import { type Breach, isProduct, readSources, type Sources } from "./tidy/sources.ts"
import { wordBreaches } from "./tidy/words.ts"

const real = readSources()
const rules: Readonly<Record<string, (sources: Sources) => ReadonlyArray<Breach>>> = {
  "imports only what its room may": importBreaches,
  "is short enough to be read": sizeBreaches,
  "is reached from an entry": deadFiles,
  "has a page for each room": pageBreaches,
  "has names in kebab-case": nameBreaches,
  "speaks only of itself": wordBreaches
}

describe("the house", () => {
  it("is all there to be looked at", () => {
    const paths = [...real.keys()]
    expect(paths.filter(isProduct).length).toBeGreaterThan(100)
    for (const room of ["core/bytes/", "core/plugin/", "protocols/postgres/", "plugins/masking/", "test/"]) {
      expect(paths.some((path) => path.startsWith(room)), room).toBe(true)
    }
    expect(real.has("package.json")).toBe(true)
  })
  it.each(Object.keys(rules))("%s", (rule) => expect(rules[rule]!(real)).toEqual([]))
})

const of = (files: Readonly<Record<string, string>>): Sources => new Map(Object.entries(files))
const from = (specifier: string, clause = "{ x }"): string => `import ${clause} from "${specifier}"\n`

describe("the rule of imports", () => {
  it.each<[string, string, string]>([
    ["a codec that opens sockets", "protocols/postgres/codec.ts", from("node:net", "* as net")],
    ["a protocol that knows a plugin", "protocols/postgres/codec.ts", from("../../plugins/masking/index.ts")],
    ["a protocol that knows another", "protocols/postgres/codec.ts", from("../mysql/index.ts")],
    ["a protocol that knows the relay", "protocols/postgres/codec.ts", from("../../core/relay/index.ts")],
    ["a plugin that looks behind the public core", "plugins/masking/index.ts", from("../../core/relay/index.ts")],
    ["a plugin that knows another", "plugins/masking/index.ts", from("../residency/index.ts")],
    ["a plugin that knows a service's room", "plugins/masking/index.ts", from("../services/ledger/index.ts")],
    ["a service that knows another", "plugins/services/ledger/index.ts", from("../sqlite/index.ts")],
    ["a service that knows a plugin", "plugins/services/ledger/index.ts", from("../../masking/index.ts")],
    ["a plugin with files", "plugins/masking/index.ts", from("node:fs")],
    ["a relay that touches sockets", "core/relay/relay.ts", from("node:net", "{ Socket }")],
    ["a contract that runs Effect", "core/plugin/plugin.ts", from("effect/Effect", "* as Effect")],
    ["a core that reaches down", "core/gateway/gateway.ts", from("../../protocols/postgres/index.ts")],
    ["bytes that know meaning", "core/bytes/inbox.ts", from("../family/index.ts")],
    ["a family that knows exchanges", "core/family/sql/row.ts", from("../../exchange/index.ts", "type { X }")],
    ["stages that know the relay", "core/pipeline/stages.ts", from("../relay/index.ts")],
    ["a way around a door", "plugins/masking/index.ts", from("../../core/family/sql/row.ts")],
    ["config around a door", "config/builtins.ts", from("../protocols/postgres/codec.ts")],
    ["a product that needs its tests", "core/relay/relay.ts", from("../../test/fixtures/x.ts")],
    ["a folder that nobody knows", "core/stray/x.ts", from("../bytes/index.ts")],
    ["an import on several lines", "core/bytes/inbox.ts", `import {\n  a,\n  b\n} from "node:fs"\n`],
    ["an export of another's", "core/bytes/index.ts", `export * from "../family/index.ts"\n`],
    ["an import while running", "core/relay/relay.ts", `const x = await import("node:net")\n`],
    ["an import for its effect", "core/relay/relay.ts", `import "node:net"\n`]
  ])("catches %s", (_name, path, text) => expect(importBreaches(of({ [path]: text }))).toHaveLength(1))

  it.each<[string, string, string]>([
    [
      "the public core and a family",
      "plugins/masking/index.ts",
      from("../../core/index.ts") + from("../../core/family/sql/index.ts")
    ],
    [
      "its own files and packages",
      "plugins/masking/index.ts",
      from("./plan.ts") + from("effect/Schema", "* as Schema")
    ],
    ["types of Effect in a contract", "core/plugin/plugin.ts", from("effect/Effect", "type * as Effect")],
    [
      "config that assembles",
      "config/builtins.ts",
      from("../protocols/postgres/index.ts") + from("../core/gateway/index.ts")
    ],
    [
      "a protocol's deeper folders",
      "protocols/postgres/copy/copy-row.ts",
      from("../messages/row.ts") + from("../../../core/bytes/index.ts")
    ],
    ["what a comment says", "core/relay/relay.ts", `// import { x } from "node:net"\n/*\n${from("node:net")}*/\n`],
    ["what a template says", "core/relay/relay.ts", `const x = \`\n${from("node:net")}\`\n`]
  ])("allows %s", (_name, path, text) => expect(importBreaches(of({ [path]: text }))).toEqual([]))

  it("is a table that only looks up", () => {
    const names = Object.keys(table)
    names.forEach((name, i) => {
      // The core's own index stands between the rooms that it gathers and those that only see it.
      for (const room of table[name]!.rooms) expect(names.indexOf(room), `${name} > ${room}`).toBeLessThan(i)
    })
    expect(roomOf("plugins/services/ledger/index.ts")).toBe("plugins/services")
  })
})

describe("the rule of sizes", () => {
  const lines = (count: number, line = "  a()\n"): string => line.repeat(count)
  const path = "core/relay/relay.ts"
  it("catches files and lines that are too long", () => {
    expect(sizeBreaches(of({ [path]: lines(limits.fileLines) }))).toEqual([])
    expect(sizeBreaches(of({ [path]: lines(limits.fileLines + 1) }))).toHaveLength(1)
    expect(sizeBreaches(of({ [path]: "a".repeat(121) }))).toHaveLength(1)
    expect(sizeBreaches(of({ [path]: "é".repeat(120) }))).toEqual([])
    expect(sizeBreaches(of({ "test/x.test.ts": "a".repeat(121) }))).toHaveLength(1)
    expect(sizeBreaches(of({ [path]: `// ${"a".repeat(121)}` }))).toHaveLength(1)
    expect(sizeBreaches(of({ [path]: `"${"a".repeat(121)}"` }))).toHaveLength(1)
    expect(sizeBreaches(of({ [path]: `const x = /${"a".repeat(121)}/\nconst y = \`${"a ".repeat(121)}\`` }))).toEqual(
      []
    )
  })
  it.each([
    ["a function", "export const f = (a: number): void => {\n", "}\n"],
    ["one that is declared", "function f(a: number) {\n", "}\n"],
    ["a method", "class A {\n  m(a: string): Map<string, { x: 1 }> {\n", "  }\n}\n"],
    ["a getter", "class A {\n  get m() {\n", "  }\n}\n"],
    ["a constructor with parameters on lines of their own", "class A {\n  constructor(\n    a: 1\n  ) {\n", "  }\n}\n"],
    ["a generator", "const f = Effect.gen(function*() {\n", "})\n"],
    ["a callback", "x.on(\"{\", (a) => {\n", "})\n"],
    ["a hook in an object", "const x = {\n  decide: async (exchange) => {\n", "  }\n}\n"]
  ])("catches %s", (_name, head, tail) => {
    const indent = "    a()\n"
    expect(longFunctions(head + indent.repeat(71) + tail)).toHaveLength(1)
    expect(longFunctions(head + indent.repeat(60) + tail)).toEqual([])
  })
  it("counts no classes, objects or conditions", () => {
    for (
      const head of [
        "class A {\n",
        "const x = {\n",
        "if (a) {\n",
        "for (const a of b) {\n",
        "interface A {\n",
        "} else if (a) {\n"
      ]
    ) {
      expect(longFunctions(head + lines(100) + "}\n"), head).toEqual([])
    }
    expect(longFunctions("if (\n  a\n) {\n" + lines(100) + "}\n")).toEqual([])
  })
})

describe("the rule of dead files", () => {
  const alive = {
    "package.json": `{ "exports": { ".": { "sluice-source": "./core/index.ts" } } }`,
    "core/index.ts": `export * from "./bytes/index.ts"\n`,
    "core/bytes/index.ts": "",
    "config/main.ts": `const b = () => import("./builtins.ts")\nnew Worker(new URL("./worker.ts", import.meta.url))\n`,
    "config/builtins.ts": "",
    "config/worker.ts": ""
  }
  it("finds what nothing reaches", () => {
    expect(deadFiles(of(alive))).toEqual([])
    expect(deadFiles(of({ ...alive, "core/bytes/stray.ts": "" }))).toHaveLength(1)
    const pair = { "core/bytes/a.ts": from("./b.ts"), "core/bytes/b.ts": from("./a.ts") }
    expect(deadFiles(of({ ...alive, ...pair }))).toHaveLength(2)
    expect(deadFiles(of({ ...alive, "core/bytes/stray.ts": "", "test/x.test.ts": from("../core/bytes/stray.ts") })))
      .toHaveLength(1)
    expect(deadFiles(of({ ...alive, "core/bytes/index.ts": `// import "./stray.ts"`, "core/bytes/stray.ts": "" })))
      .toHaveLength(1)
  })
})

describe("the rules of pages, names and words", () => {
  it("finds rooms without a page", () => {
    const room = {
      "core/bytes/a.ts": "",
      "plugins/services/x/index.ts": "",
      "config/deep/a.ts": "",
      "core/index.ts": ""
    }
    const pages = {
      "core/bytes/README.md": "",
      "plugins/services/README.md": "",
      "config/README.md": "",
      "core/README.md": ""
    }
    expect(pageBreaches(of({ ...room, ...pages }))).toEqual([])
    expect(pageBreaches(of({ ...room, "core/bytes/README.md": "" }))).toHaveLength(3)
  })
  it("finds names that are not kebab-case", () => {
    expect(nameBreaches(of({ "core/bytes/in-box.ts": "", "test/a.test-d.ts": "" }))).toEqual([])
    expect(nameBreaches(of({ "core/bytes/inBox.ts": "", "core/in_box.ts": "", "core/a.b.ts": "" }))).toHaveLength(3)
  })
  it("finds words that have no place here", () => {
    const page = (text: string) => wordBreaches(of({ "README.md": text }))
    expect(page(["ex/wo", "rk/main"].join(""))).toEqual([["README.md:1: says \"/wo", "rk/\""].join("")])
    expect(page(["\n\nas the design pa", "ge says"].join(""))).toHaveLength(1)
    expect(page(["// TO", "DO: later"].join(""))).toHaveLength(1)
    expect(page("mastodon, the network, to do, paperwork")).toEqual([])
  })
})

describe("reading TypeScript as text", () => {
  it("keeps code, and blanks what is not", () => {
    const text = "a // b\nc(\"d // e\") /* f\n g */ h(`i ${j(\"k\")} l`) / m\nconst r = /[\"/`]/.test(n)\n"
    const { bare, code } = bareOf(text)
    expect(code.split("\n").map((line) => line.trimEnd())).toEqual([
      "a",
      "c(\"d // e\")",
      "      h(`  ${j(\"k\")}  `) / m",
      "const r = /     /.test(n)",
      ""
    ])
    expect(bare).toHaveLength(text.length)
    expect(bare).not.toMatch(/[bdefgikl]\b(?!\()/)
  })
  it("survives what never ends", () => {
    for (const text of ["`a${", "\"a", "/* a", "/a", "'", "`", "}", "\\"])
      expect(bareOf(text).code).toHaveLength(text.length)
  })
  it("tells types from values", () => {
    const found = importsOf(
      "core/a/b.ts",
      `import type { X } from "../x.ts"\nimport { type Y } from "./y.ts"\nexport * as z from "z"\n`
    )
    expect(found).toEqual([
      { specifier: "../x.ts", isType: true, target: "core/x.ts" },
      { specifier: "./y.ts", isType: false, target: "core/a/y.ts" },
      { specifier: "z", isType: false, target: undefined }
    ])
  })
})
