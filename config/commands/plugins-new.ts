import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import type { Command } from "../command.ts"
import { scaffold } from "../scaffold.ts"
import { version } from "../version.ts"

const packageName = /^(?:@[a-z0-9-][a-z0-9._-]*\/)?[a-z][a-z0-9-]*$/

/** `sluice plugins new NAME`: a package with one small plugin that passes its own tests. */
export const pluginsNew: Command = {
  name: "plugins new",
  about: "start a plugin of your own",
  details: "Writes a package with a plugin of under 30 lines, its tests, and what is needed to publish it.\n"
    + "NAME is the package's name, such as @acme/sluice-read-only. Nothing that exists is overwritten.",
  positionals: ["NAME"],
  options: {
    directory: {
      type: "string",
      value: "DIR",
      about: "where to write it; a folder called like the package, unless given"
    }
  },
  run: async (args, io) => {
    const name = args.positionals[0]!
    if (!packageName.test(name) || name.length > 214) {
      io.err(
        `sluice plugins new: \`${name}\` is no name for a package. `
          + "Use lower-case letters, digits and `-`, as in @acme/sluice-read-only."
      )
      return 2
    }
    const target = resolve(io.directory, args.text("directory") ?? name.replace(/^@[^/]*\//, ""))
    if (existsSync(target) && readdirSync(target).length > 0) {
      io.err(`sluice plugins new: ${target} exists and is not empty. Name another one with --directory.`)
      return 1
    }
    const files = scaffold(name, `^${version()}`)
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(target, path)), { recursive: true })
      writeFileSync(join(target, path), text, { flag: "wx" })
    }
    const shown = relative(io.directory, target) || "."
    io.out(
      `${
        Object.keys(files).map((path) => `  ${join(shown, path)}`).join("\n")
      }\n\nNext: cd ${shown} && npm install && npm test`
    )
    return 0
  }
}
