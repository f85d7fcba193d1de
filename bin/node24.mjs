// Runs a script on Node 24: this one when it is new enough, else the one the install brought. Plain JavaScript, any Node.
import { existsSync } from "node:fs"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

/** The path of a Node 24 or newer, or undefined when neither this process nor the install has one. */
export const node24 = () => {
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath
  const candidates = [`${root}node_modules/node/bin/node`, `${root}../node/bin/node`, `${root}node_modules/node/bin/node.exe`]
  return candidates.find((path) => existsSync(path))
}

/** Runs `script` with `args` as this process would: same terminal, same signals, same exit code. */
export const run = (script, args) => {
  const node = node24()
  if (node === undefined) {
    console.error(
      `sluice needs Node 24 or newer; this is ${process.version}, and the optional package \`node\` is not installed.\n`
        + "Install Node 24, or run `npm ci` without --omit=optional and --ignore-scripts."
    )
    process.exit(2)
  }
  const env = { NODE_COMPILE_CACHE: `${root}node_modules/.cache/node`, ...process.env }
  const child = spawn(node, [script, ...args], { stdio: "inherit", env })
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) run(process.argv[2], process.argv.slice(3))
