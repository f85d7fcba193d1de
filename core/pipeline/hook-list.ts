import type { Deny, Session } from "../exchange/index.ts"
import type { Hooks, Plugin, Spool } from "../plugin/index.ts"

/** A plugin ready to serve a session: its resources are acquired, its options decoded. */
export interface ConnectedPlugin {
  readonly name: string
  readonly plugin: Plugin
  readonly config: unknown
  readonly resources: unknown
  /** `continue` skips a hook that throws: only where plugin and operator both said so. */
  readonly onError: "deny" | "continue"
}

type AnyHooks = Hooks<any, any, any>
type Stage = Exclude<keyof AnyHooks, "spool" | "recordsAnswers">
type Hook<K extends Stage> = NonNullable<AnyHooks[K]>

/** The hooks of one stage, flat, beside the names of whose they are. */
export interface StageHooks<K extends Stage> {
  readonly run: ReadonlyArray<Hook<K>>
  readonly owner: ReadonlyArray<ConnectedPlugin>
}

/** What belongs to another stage's hooks, one for each of them: undefined where a plugin leaves it out. */
export interface OptionalHooks<K extends Stage> {
  readonly run: ReadonlyArray<Hook<K> | undefined>
  readonly owner: ReadonlyArray<ConnectedPlugin>
}

/** All hooks of one session, stage by stage: questions go down the file's list, patches climb back up it. */
export interface HookList {
  readonly authenticate: StageHooks<"authenticate">
  readonly inspect: StageHooks<"inspect">
  readonly rewrite: StageHooks<"rewrite">
  readonly decide: StageHooks<"decide">
  readonly input: StageHooks<"input">
  readonly observe: StageHooks<"observe">
  readonly transform: StageHooks<"transform">
  /** Of those who transform, in the same order. */
  readonly constants: OptionalHooks<"constants">
  readonly record: StageHooks<"record">
  /** Of `record`, those that want to see answers too. */
  readonly recordAnswers: StageHooks<"record">
  /** Of those who want to see answers, in the same order. */
  readonly recordRun: OptionalHooks<"recordRun">
  readonly recordSession: StageHooks<"recordSession">
  readonly expires: StageHooks<"expires">
  readonly ends: StageHooks<"ends">
  readonly close: StageHooks<"close">
  readonly spools: ReadonlyArray<Spool>
}

/** Connects every plugin, in the order of the file. The first that refuses, or throws, refuses the session. */
export const connectHooks = (
  session: Session,
  plugins: ReadonlyArray<ConnectedPlugin>,
  onThrow: (plugin: ConnectedPlugin, error: unknown) => Deny
): HookList | Deny => {
  const connected: Array<readonly [ConnectedPlugin, AnyHooks]> = []
  for (const entry of plugins) {
    try {
      const hooks = entry.plugin.connect(session, { config: entry.config, resources: entry.resources })
      if ("_tag" in hooks) return hooks
      refuseStray(hooks)
      connected.push([entry, hooks])
    } catch (error) {
      return onThrow(entry, error)
    }
  }
  const upwards = connected.toReversed()
  const patching = upwards.filter(([, { transform }]) => transform !== undefined)
  const watching = connected.filter(([, { record, recordsAnswers }]) =>
    record !== undefined && recordsAnswers !== false
  )
  return {
    authenticate: stageOf(connected, "authenticate"),
    inspect: stageOf(connected, "inspect"),
    rewrite: stageOf(connected, "rewrite"),
    decide: stageOf(connected, "decide"),
    input: stageOf(connected, "input"),
    observe: stageOf(connected, "observe"),
    transform: stageOf(patching, "transform"),
    constants: besideOf(patching, "constants"),
    record: stageOf(connected, "record"),
    recordAnswers: stageOf(watching, "record"),
    recordRun: besideOf(watching, "recordRun"),
    recordSession: stageOf(connected, "recordSession"),
    expires: stageOf(connected, "expires"),
    ends: stageOf(connected, "ends"),
    close: stageOf(upwards, "close"),
    spools: connected.flatMap(([, hooks]) => hooks.spool === undefined ? [] : [hooks.spool])
  }
}

const known: Readonly<Record<keyof AnyHooks, true>> = {
  authenticate: true,
  inspect: true,
  rewrite: true,
  decide: true,
  input: true,
  observe: true,
  transform: true,
  constants: true,
  record: true,
  recordsAnswers: true,
  recordRun: true,
  recordSession: true,
  spool: true,
  expires: true,
  ends: true,
  close: true
}

/** A misspelt hook would never run, and the type checker does not see one that stands beside others. */
const refuseStray = (hooks: AnyHooks): void => {
  const stray = Object.keys(hooks).find((name) => !Object.hasOwn(known, name))
  if (stray !== undefined) throw new Error(`There is no stage for the hook ${JSON.stringify(stray)}: see its spelling.`)
}

const stageOf = <K extends Stage>(
  connected: ReadonlyArray<readonly [ConnectedPlugin, AnyHooks]>,
  stage: K
): StageHooks<K> => {
  const has = connected.filter(([, hooks]) => hooks[stage] !== undefined)
  return { run: has.map(([, hooks]) => hooks[stage] as Hook<K>), owner: has.map(([entry]) => entry) }
}

const besideOf = <K extends Stage>(
  connected: ReadonlyArray<readonly [ConnectedPlugin, AnyHooks]>,
  stage: K
): OptionalHooks<K> => ({
  run: connected.map(([, hooks]) => hooks[stage] as Hook<K> | undefined),
  owner: connected.map(([entry]) => entry)
})
