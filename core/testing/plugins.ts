import * as Schema from "effect/Schema"
import { allow } from "../exchange/index.ts"
import { Any } from "../family/index.ts"
import type { ConnectedPlugin } from "../pipeline/index.ts"
import { definePlugin, type Hooks, type Plugin } from "../plugin/index.ts"

const noOptions = Schema.Struct({})

/** A plugin of `hooks` alone, ready to serve: for tests. */
export const pluginOf = (name: string, hooks: () => Hooks): ConnectedPlugin => ({
  name,
  plugin: definePlugin({ name, family: Any, config: noOptions, connect: hooks as never }) as Plugin,
  config: {},
  resources: undefined,
  onError: "deny"
})

/** Lets everybody in. Nothing but a test may use it. */
export const openDoor: ConnectedPlugin = pluginOf("open-door", () => ({ authenticate: () => ({ _tag: "Admit" }) }))

/** Has a hook in every stage, and does nothing in any. */
export const idlePlugin: ConnectedPlugin = pluginOf("idle", () => ({
  inspect: () => {},
  decide: () => allow,
  input: () => allow,
  transform: () => {},
  record: () => {}
}))
