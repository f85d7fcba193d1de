import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { DEMO_AUDIENCE, demoAgents, demoFile } from "./demo-file.ts"
import { type LocalIssuer, startIssuer } from "./issuer.ts"
import { freePort } from "./free-port.ts"
import { type LocalPostgres, startPostgres } from "./local-postgres.ts"
import { loadSample } from "./sample-data.ts"

/** Everything that the story plays on: a database, an issuer, a gateway, and the agents' tokens. */
export interface DemoStage {
  readonly directory: string
  /** The operator's file. */
  readonly file: string
  readonly ledger: string
  readonly postgres: LocalPostgres
  readonly issuer: LocalIssuer
  /** The gateway's ports by pipeline. */
  readonly ports: { readonly "orders-eu": number; readonly "orders-us": number }
  readonly tokens: Readonly<Record<string, string>>
  /** How to run the command itself: the program, and what comes before the command's own words. */
  readonly sluice: { readonly program: string; readonly words: ReadonlyArray<string> }
  stop(): Promise<void>
}

const READY_MILLISECONDS = 30_000

/** Sets up everything, from nothing, telling `progress` what is up. Whatever was started is stopped if a part fails. */
export const openStage = async (
  directory: string,
  main: string,
  progress: (what: string, detail: string) => void
): Promise<DemoStage> => {
  const stops: Array<() => Promise<void>> = []
  const stop = async (): Promise<void> => {
    for (const close of stops.splice(0).toReversed()) await close()
  }
  const keep = <A extends { stop(): Promise<void> }>(started: A): A => {
    stops.push(() => started.stop())
    return started
  }
  try {
    const [postgres, issuer] = await Promise.all([
      startPostgres().then(keep),
      startIssuer(DEMO_AUDIENCE, demoAgents).then(keep)
    ])
    await loadSample(postgres)
    progress(
      "database",
      `PostgreSQL on port ${postgres.port} (${
        postgres.origin === "package" ? "the embedded one" : "this machine's own"
      }), with customers in two zones`
    )
    progress("issuer", `OpenID Connect at ${issuer.issuer}`)
    const ports = { "orders-eu": await freePort(), "orders-us": await freePort() }
    const file = writeFiles(directory, ports, postgres, issuer)
    const sluice = { program: process.execPath, words: [main] }
    const gateway = await startGateway(sluice, file)
    stops.push(() => stopProcess(gateway))
    progress("gateway", `orders-eu on port ${ports["orders-eu"]}, orders-us on port ${ports["orders-us"]}`)
    const tokens = Object.fromEntries(
      await Promise.all(demoAgents.map(async ({ subject }) => [subject, await issuer.token(subject)] as const))
    )
    progress("agents", demoAgents.map(({ subject }) => subject).join(", ") + ", each with a token of its own")
    return { directory, file, ledger: join(directory, "ledger"), postgres, issuer, ports, tokens, sluice, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const writeFiles = (
  directory: string,
  ports: DemoStage["ports"],
  postgres: LocalPostgres,
  issuer: LocalIssuer
): string => {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = join(directory, "sluice.config.yaml")
  const { "orders-eu": eu, "orders-us": us } = ports
  writeFileSync(file, demoFile({ postgres: postgres.port, eu, us, issuer: issuer.issuer }))
  writeFileSync(join(directory, "secrets.yaml"), "DEMO_DB: gateway:gateway-only\n", { mode: 0o600 })
  return file
}

/** Runs `sluice up` as an operator would, and waits until it says that it is ready. */
const startGateway = (sluice: DemoStage["sluice"], file: string): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const child = spawn(sluice.program, [...sluice.words, "up", "--config", file], {
      stdio: ["ignore", "pipe", "pipe"]
    })
    const said: Array<string> = []
    const fail = (why: string): void => {
      child.kill("SIGKILL")
      reject(new Error(`The gateway ${why}.\n${said.slice(-12).join("\n")}`))
    }
    const timer = setTimeout(() => fail("was not ready in time"), READY_MILLISECONDS)
    const gone = (): void => fail("stopped before it was ready")
    child.once("exit", gone)
    createInterface({ input: child.stderr }).on("line", (line) => said.push(line))
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line !== "ready") return
      clearTimeout(timer)
      child.off("exit", gone)
      resolve(child)
    })
    process.once("exit", () => child.kill("SIGKILL"))
  })

const stopProcess = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once("exit", () => resolve())
    child.kill("SIGTERM")
    setTimeout(() => child.kill("SIGKILL"), 8000).unref()
  })
