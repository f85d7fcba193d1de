/**
 * What the type checker refuses of a plugin, and what it must accept. Each marked line must stay an error: `npm run
 * typecheck` fails when one no longer is.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { allow, defineFact, definePlugin, defineService, deny, hold, Principal, Receipt } from "../core/index.ts"
import { Sql } from "../core/family/sql/index.ts"

class Approvals extends Context.Service<Approvals, {
  readonly ask: (who: string) => Effect.Effect<boolean>
}>()("test/Approvals") {}
const Region = defineFact<"eu" | "us">()("test/region")
const config = Schema.Struct({ limit: Schema.Number })
const common = { family: Sql, config }

export const refused = [
  definePlugin({
    ...common,
    name: "reads an undeclared fact",
    connect: () => ({
      // @ts-expect-error Principal is not in requires
      decide: (exchange) => exchange.get(Principal).groups.length > 0 ? allow : allow
    })
  }),
  definePlugin({
    ...common,
    name: "reads another fact than it declared",
    requires: [Principal],
    connect: () => ({
      // @ts-expect-error Receipt is not in requires
      decide: (exchange) => exchange.get(Receipt).decision === "deny" ? deny("x", "No.") : allow
    })
  }),
  definePlugin({
    ...common,
    name: "uses an undeclared service",
    // @ts-expect-error Approvals is not in requires
    acquire: () => Effect.map(Approvals, (approvals) => approvals),
    connect: () => ({})
  }),
  definePlugin({
    ...common,
    name: "waits without saying so",
    connect: () => ({
      // @ts-expect-error a hook that waits returns a Hold
      decide: async () => allow
    })
  }),
  definePlugin({
    ...common,
    name: "waits for a promise",
    connect: () => ({
      // @ts-expect-error an Effect is waited for, not a promise
      decide: () => hold({ reason: "x", within: 1, until: Promise.resolve(allow) })
    })
  }),
  definePlugin({
    ...common,
    name: "sets an undeclared fact",
    requires: [Principal],
    connect: () => ({
      // @ts-expect-error Region is not in provides
      inspect: (exchange) => exchange.set(Region, "eu")
    })
  }),
  definePlugin({
    ...common,
    name: "sets a fact while judging",
    provides: [Region],
    connect: () => ({
      decide: (exchange) => {
        // @ts-expect-error decide may judge, not learn
        exchange.set(Region, "eu")
        return allow
      }
    })
  }),
  definePlugin({
    ...common,
    name: "sets a fact while patching",
    provides: [Region],
    connect: () => ({
      // @ts-expect-error transform may patch, not learn
      transform: (_output, exchange) => exchange?.set(Region, "eu")
    })
  }),
  definePlugin({
    ...common,
    name: "sets a fact to the wrong value",
    provides: [Region],
    connect: () => ({
      // @ts-expect-error not a region
      inspect: (exchange) => exchange.set(Region, "moon")
    })
  }),
  definePlugin({
    ...common,
    name: "answers with something else than a verdict",
    connect: () => ({
      // @ts-expect-error a boolean is no verdict
      decide: () => true
    })
  }),
  definePlugin({
    ...common,
    name: "forgets to answer",
    connect: () => ({
      // @ts-expect-error no verdict
      decide: () => {}
    })
  }),
  definePlugin({
    ...common,
    name: "misspells a hook",
    // @ts-expect-error it is called decide
    connect: () => ({ decides: () => allow })
  }),
  definePlugin({
    ...common,
    name: "misspells an option",
    connect: (_session, plugin) => ({
      // @ts-expect-error no such option
      decide: () => plugin.config.limits > 0 ? allow : allow
    })
  }),
  definePlugin({
    ...common,
    name: "misspells a part of itself",
    // @ts-expect-error it is called requires
    require: [Principal],
    connect: () => ({})
  }),
  definePlugin({
    ...common,
    name: "connects with an Effect",
    // @ts-expect-error connect is a plain function
    connect: () => Effect.succeed({})
  }),
  definePlugin({
    ...common,
    name: "changes an operation",
    connect: () => ({
      inspect: (exchange) => {
        // @ts-expect-error an operation is replaced by rewrite, and never changed
        exchange.operation.resolved = true
      }
    })
  }),
  definePlugin({
    ...common,
    name: "changes a code",
    connect: () => ({
      transform: (output) => {
        // @ts-expect-error what a report says may be patched; its code may not
        if (output.kind === "error") output.sqlstate = "00000"
      }
    })
  })
]

/** Everything declared: facts, a service, resources, and the options they are made from. */
export const accepted = [
  definePlugin({
    ...common,
    name: "everything declared",
    requires: [Principal, Approvals],
    provides: [Region],
    acquire: (options) =>
      Effect.gen(function*() {
        return { approvals: yield* Approvals, limit: options.limit }
      }),
    connect: (_session, { config: options, resources }) => ({
      inspect: (exchange) => exchange.set(Region, exchange.get(Principal).groups.includes("eu") ? "eu" : "us"),
      decide: (exchange) => {
        if (exchange.operation.text.length < resources.limit + options.limit) return allow
        return hold({
          reason: "an approval",
          within: 1000,
          until: Effect.map(resources.approvals.ask("someone"), (yes) => yes ? allow : deny("no", "Not approved."))
        })
      },
      transform: (output, exchange) => {
        if (output.kind === "row" && exchange !== undefined && exchange.find(Receipt) === undefined)
          output.replace(0, null)
        if (output.kind === "error") output.message = "Something failed."
      }
    })
  }),
  definePlugin({ ...common, name: "nothing needed", connect: () => ({}) }),
  definePlugin({ ...common, name: "refuses sessions", connect: () => deny("closed", "Closed today.") })
]

/** A service gives what it says it gives. */
export const service = (layer: Parameters<typeof defineService<typeof Approvals, typeof config>>[0]["layer"]) => [
  defineService({ name: "approvals", config, provides: Approvals, layer }),
  // @ts-expect-error a service without a layer gives nothing
  defineService({ name: "approvals", config, provides: Approvals })
]
