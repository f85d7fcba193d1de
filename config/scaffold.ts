/** The files of a new plugin, by path. Small, complete, and passing its own tests. */
export const scaffold = (name: string, core: string): Readonly<Record<string, string>> => {
  const id = name.replace(/^@[^/]*\//, "").replace(/^sluice-/, "")
  return {
    "package.json": manifest(name, core),
    "tsconfig.json": tsconfig,
    "src/index.ts": source(id),
    "test/index.test.ts": test(id),
    "README.md": readme(name, id),
    ".gitignore": "node_modules/\ndist/\n"
  }
}

const manifest = (name: string, core: string): string =>
  `${
    JSON.stringify(
      {
        name,
        version: "0.1.0",
        type: "module",
        exports: "./dist/index.js",
        files: ["dist"],
        scripts: { build: "tsc", test: "node --test test/*.test.ts", prepack: "npm run build" },
        peerDependencies: { effect: "^4.1.0", sluice: "*" },
        devDependencies: { effect: "4.1.0", sluice: core, typescript: "7.0.2", "@types/node": "24.19.2" }
      },
      null,
      2
    )
  }\n`

const tsconfig = `{
  "compilerOptions": {
    "target": "ES2024",
    "module": "NodeNext",
    "strict": true,
    "exactOptionalPropertyTypes": true,
    "verbatimModuleSyntax": true,
    "erasableSyntaxOnly": true,
    "rewriteRelativeImportExtensions": true,
    "declaration": true,
    "skipLibCheck": true,
    "types": ["node"],
    "rootDir": "src",
    "outDir": "dist"
  },
  "include": ["src"]
}
`

const source = (id: string): string =>
  `import * as Schema from "effect/Schema"
import { allow, definePlugin, deny, Principal } from "sluice"
import { Sql } from "sluice/sql"

/** Lets everyone read, and only one group do anything else. */
export default definePlugin({
  name: "${id}",
  family: Sql,
  config: Schema.Struct({
    except_group: Schema.String.annotate({ description: "Who may do more than read." })
  }),
  requires: [Principal],
  connect: (_session, { config }) => ({
    decide(exchange) {
      if (exchange.operation.kind === "read" || exchange.operation.kind === "session") return allow
      if (exchange.get(Principal).groups.includes(config.except_group)) return allow
      return deny("${id.replaceAll("-", "_")}", "This connection may only read.")
    }
  })
})
`

const test = (id: string): string =>
  `import assert from "node:assert/strict"
import { test } from "node:test"
import plugin from "../src/index.ts"

const session = { id: "s1", pipeline: "orders", peer: { address: "127.0.0.1", port: 1, encrypted: true }, now: () => 0 }
const caller = (...groups: Array<string>) => ({ issuer: "i", subject: "ann", groups, claims: {} })

const decide = (kind: string, ...groups: Array<string>) => {
  const hooks: any = plugin.connect(session, { config: { except_group: "dba" }, resources: undefined })
  return hooks.decide({ id: 1, session, operation: { kind }, asked: { kind }, get: () => caller(...groups) })._tag
}

test("reading is allowed", () => assert.equal(decide("read", "analysts"), "Allow"))
test("writing is refused", () => assert.equal(decide("write", "analysts"), "Deny"))
test("what is not known is refused", () => assert.equal(decide("unknown", "analysts"), "Deny"))
test("the group is exempt", () => assert.equal(decide("write", "dba"), "Allow"))
test("its name is what logs show", () => assert.equal(plugin.name, "${id}"))
`

const readme = (name: string, id: string): string =>
  `# ${name}

A plugin for Sluice, written against the family \`Sql\`: it serves every SQL protocol.

\`\`\`yaml
plugins:
  - { use: identity }
  - { use: "${name}", with: { except_group: dba } }     # or, before it is published, use: ./src/index.ts
\`\`\`

\`npm test\` runs its tests, \`npm run build\` makes what is published. \`sluice plugins show ${
    name.startsWith("@") ? `"${name}"` : name
  }\` prints what it needs
and what it can be told. Refusals carry the code \`${id.replaceAll("-", "_")}\`.
`
