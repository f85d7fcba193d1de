import type { Pipeline } from "./pipeline.ts"

/** Whether new sessions would be served, and for each pipeline why not. */
export interface Readiness {
  readonly ready: boolean
  readonly pipelines: Readonly<Record<string, string>>
}

/** For how long a connection that worked proves that an upstream can be reached, in milliseconds. */
const FRESH_MILLISECONDS = 30_000
const PROBE_MILLISECONDS = 2000

/** Asks every upstream that was not reached lately for a connection, and every recorder whether it can write. */
export const readiness = async (pipelines: ReadonlyArray<Pipeline>, listens: () => boolean): Promise<Readiness> => {
  const entries = await Promise.all(
    pipelines.map(async (pipeline) => [pipeline.name, await stateOf(pipeline)] as const)
  )
  const open = listens()
  return {
    ready: open && entries.every(([, state]) => state === "ready"),
    pipelines: Object.fromEntries(open ? entries : entries.map(([name]) => [name, "not listening"]))
  }
}

const stateOf = async (pipeline: Pipeline): Promise<string> => {
  for (const session of pipeline.sessions) {
    if (session.spools.some((spool) => spool.trouble !== undefined)) return "records cannot be written"
  }
  return await reachable(pipeline) ? "ready" : "the upstream cannot be reached"
}

const probes = new WeakMap<object, Promise<boolean>>()

/** One probe at a time for an upstream, however many ask. */
const reachable = (pipeline: Pipeline): Promise<boolean> => {
  const { upstream } = pipeline.generation
  const { missedAt, reachedAt } = upstream
  if (reachedAt !== undefined && reachedAt > (missedAt ?? 0) && performance.now() - reachedAt < FRESH_MILLISECONDS) {
    return Promise.resolve(true)
  }
  let probe = probes.get(upstream)
  if (probe === undefined) {
    probe = new Promise<boolean>((resolve) => {
      const stop = upstream.open((dialled) => {
        clearTimeout(timer)
        if (dialled.ok) dialled.socket.destroy()
        resolve(dialled.ok)
      })
      const timer = setTimeout(() => {
        stop()
        resolve(false)
      }, PROBE_MILLISECONDS)
    }).finally(() => probes.delete(upstream))
    probes.set(upstream, probe)
  }
  return probe
}
