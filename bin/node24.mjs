// Runs a script on Node 24: this one when it is new enough, else the one the install brought. Plain JavaScript, any Node.
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

/** Whether this is a checkout, which runs its TypeScript as it is, or the published package, which is compiled. */
export const isCheckout = existsSync(`${root}config/main.ts`)

/** The path of a Node 24 or newer, or undefined when neither this process nor the install has one. */
export const node24 = () => {
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath
  const homes = [`${root}node_modules/node/bin/`, `${root}../node/bin/`]
  return homes.flatMap((home) => [`${home}node`, `${home}node.exe`]).find((path) => existsSync(path))
}

/** Runs `script` with `args` as this process would: same terminal, same signals, same exit code. */
export const run = (script, args) => {
  const node = node24()
  if (node === undefined) {
    console.error(
      `sluice needs Node 24 or newer; this is ${process.version}, and the optional package \`node\` is not installed.\n`
        + "Install Node 24, or install again without --omit=optional and --ignore-scripts."
    )
    process.exit(2)
  }
  const flags = isCheckout ? ["--conditions=sluice-source"] : []
  const env = { NODE_COMPILE_CACHE: `${root}node_modules/.cache/node`, ...process.env }
  const child = spawn(node, [...flags, script, ...args], { stdio: "inherit", env })
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) run(process.argv[2], process.argv.slice(3))
