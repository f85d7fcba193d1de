import { writeFileSync } from "node:fs"
import type { Matrix } from "../../plugins/residency/index.ts"
import { builtins } from "../builtins.ts"
import { type Arguments, type Command, configOption, jsonOption, misuseOf, type Surroundings } from "../command.ts"
import { discover } from "../discover.ts"
import { differenceText, opensAnything } from "../matrix/difference-text.ts"
import { headingsOf } from "../matrix/headings.ts"
import { matrixPage } from "../matrix/page.ts"
import { matrixPicture } from "../matrix/picture.ts"
import { matrixTable } from "../matrix/table.ts"
import { unjudgedIn } from "../matrix/unjudged.ts"
import { narrow } from "../matrix/narrow.ts"
import { type OpenedPlan, openPlan, report } from "../open-file.ts"
import { planFile } from "../plan.ts"
import { progressBar } from "../progress.ts"
import { absolute } from "../site.ts"

/** `sluice matrix`: all that the file makes reachable; with `--diff`, what a change of it opens and closes. */
export const matrix: Command = {
  name: "matrix",
  about: "list everything that the file makes reachable; show what a change opens",
  details: [
    "Puts every question to the residency engine: each party at each place that it can be at, each data set behind",
    "each pipeline, each kind of operation, each sink. Nothing is sampled, nothing is opened. What is not listed is",
    "denied. JSON and tables leave denials out, unless --denied.",
    "",
    "--diff OLD compares with another file, also for transfers and exceptions that begin or end later; its paths are",
    "read from the new one's folder. It exits 0 when nothing opens, and 1 when something does, loses its mask, or",
    "changes in a way that the matrix cannot judge."
  ].join("\n"),
  options: {
    diff: { type: "string", value: "OLD", about: "print what has opened and closed since this file" },
    chains: { type: "boolean", about: "also every party acting through every declared agent" },
    party: { type: "string", value: "NAME", about: "only this party", multiple: true },
    "data-set": { type: "string", value: "NAME", about: "only this data set", multiple: true },
    pipeline: { type: "string", value: "NAME", about: "only this pipeline", multiple: true },
    denied: { type: "boolean", about: "with --json: also what is denied, and why" },
    at: { type: "string", value: "TIME", about: "which transfers and exceptions hold, in ISO 8601; now, unless given" },
    svg: { type: "string", value: "FILE", about: "draw a picture" },
    html: { type: "string", value: "FILE", about: "write a page with the picture and all tables" },
    config: configOption,
    json: jsonOption
  },
  run: async (args, io) => {
    const at = args.text("at") === undefined ? Date.now() : Date.parse(args.text("at")!)
    if (Number.isNaN(at)) {
      return misuse(io, `\`${args.text("at")}\` is no time. Write it as 2027-06-30 or 2027-06-30T12:00:00Z.`)
    }
    const opened = await openPlan(args, io)
    if (opened === 2) return 2
    if (opened.plan.policy.residency === undefined) {
      return misuse(io, `${opened.found.document.file} has no \`residency:\`: there is nothing to enumerate.`)
    }
    return args.text("diff") === undefined ? await show(opened, at, args, io) : await compare(opened, at, args, io)
  }
}

const misuse = misuseOf("matrix")

const show = async ({ found, plan }: OpenedPlan, at: number, args: Arguments, io: Surroundings): Promise<0 | 2> => {
  const { matrix: enumerate } = await builtins.residency()
  const bar = progressBar(io, "asking the engine")
  const whole = enumerate(plan.policy, {
    at,
    chains: args.flag("chains"),
    denied: args.flag("denied") && args.flag("json"),
    progress: bar.show
  })
  bar.end()
  const narrowed = narrow(whole, plan, args)
  if (typeof narrowed === "string") return misuse(io, narrowed)
  const headings = headingsOf(plan)
  const file = found.document.file
  const drawn: ReadonlyArray<readonly [string | undefined, () => string]> = [
    [args.text("svg"), () => matrixPicture(narrowed, headings)],
    [args.text("html"), () => matrixPage(narrowed, headings, file)]
  ]
  for (const [path, draw] of drawn) {
    if (path === undefined) continue
    try {
      writeFileSync(absolute(io.directory, path), draw())
    } catch (cause) {
      return misuse(io, `${path} cannot be written: ${(cause as NodeJS.ErrnoException).code ?? "unknown"}.`)
    }
  }
  if (args.flag("json")) io.out(JSON.stringify(data(narrowed), null, 2))
  else if (drawn.every(([path]) => path === undefined)) io.out(matrixTable(narrowed, headings, io.colour.out))
  return 0
}

const instant = (time: number): string | null => Number.isFinite(time) ? new Date(time).toISOString() : null

const data = ({ at, until, rows, ...rest }: Matrix) => ({ at: instant(at), until: instant(until), ...rest, rows })

const compare = async (opened: OpenedPlan, at: number, args: Arguments, io: Surroundings): Promise<0 | 1 | 2> => {
  const found = await discover(io.directory, args.text("diff"))
  if ("_tag" in found) return misuse(io, found.message)
  // As if it stood where the new one does: it often comes out of version control, without its neighbours.
  const old = { found, ...await planFile({ ...found, directory: opened.found.directory }, builtins) }
  if (old.plan === undefined) {
    report(old, io)
    return 2
  }
  if (old.plan.policy.residency === undefined) {
    return misuse(io, `${found.document.file} has no \`residency:\`: there is nothing to compare with.`)
  }
  const { difference: between } = await builtins.residency()
  const bar = progressBar(io, "asking the engine about both files")
  const difference = between(old.plan.policy, opened.plan.policy, {
    at,
    chains: args.flag("chains"),
    progress: bar.show
  })
  bar.end()
  const unjudged = unjudgedIn(old.plan, opened.plan)
  if (args.flag("json")) {
    const changes = (list: typeof difference.opens) => list.map((one) => ({ ...one, from: instant(one.from) }))
    const { closes, opens, unmasks } = difference
    io.out(JSON.stringify(
      {
        old: old.plan.hash,
        new: opened.plan.hash,
        at: instant(at),
        opens: changes(opens),
        unmasks,
        closes: changes(closes),
        unjudged
      },
      null,
      2
    ))
  } else io.out(differenceText(difference, unjudged, at, io.colour.out))
  return opensAnything(difference, unjudged) ? 1 : 0
}
