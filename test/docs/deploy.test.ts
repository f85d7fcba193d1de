import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"

const read = (name: string): string => readFileSync(new URL(`../../docs/deploy/${name}`, import.meta.url), "utf8")

const INSTRUCTIONS =
  /^(FROM|WORKDIR|COPY|RUN|ENV|USER|VOLUME|EXPOSE|STOPSIGNAL|HEALTHCHECK|ENTRYPOINT|CMD|ARG|LABEL)\s+\S/

/** What a Dockerfile says, one instruction a line, comments dropped and continuations joined. */
const instructionsOf = (text: string): ReadonlyArray<string> =>
  text.replaceAll(/\\\n\s*/g, " ").split("\n").map((line) => line.trim()).filter((line) =>
    line !== "" && !line.startsWith("#")
  )

const dockerfileProblems = (text: string): ReadonlyArray<string> => {
  const instructions = instructionsOf(text)
  const problems = instructions.filter((line) => !INSTRUCTIONS.test(line)).map((line) => `not an instruction: ${line}`)
  const stages = instructions.flatMap((line) => /^FROM \S+ AS (\S+)$/.exec(line)?.[1] ?? [])
  for (const line of instructions) {
    const from = /--from=(\S+)/.exec(line)?.[1]
    if (from !== undefined && !stages.includes(from)) problems.push(`no such stage: ${from}`)
    const json = /^(?:ENTRYPOINT|CMD|VOLUME)\s+(\[.*)$/.exec(line)?.[1]
    if (json !== undefined && !isJson(json)) problems.push(`not a list: ${line}`)
  }
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith("FROM")))
  const user = last.findLast((line) => line.startsWith("USER"))
  if (user === undefined || /^USER (root|0)\b/.test(user)) problems.push("runs as root")
  return problems
}

const isJson = (text: string): boolean => {
  try {
    return Array.isArray(JSON.parse(text))
  } catch {
    return false
  }
}

describe("what we tell people to deploy", () => {
  it("has a Dockerfile of two stages that does not run as root", () => {
    const text = read("Dockerfile")
    expect(dockerfileProblems(text)).toEqual([])
    expect(text.match(/^FROM /gm)).toHaveLength(2)
  })

  it("would notice a Dockerfile that is wrong", () => {
    const text = read("Dockerfile")
    expect(dockerfileProblems(text.replace("USER 10001:10001", "USER root"))).toEqual(["runs as root"])
    expect(dockerfileProblems(text.replaceAll("--from=build", "--from=biuld"))).toContain("no such stage: biuld")
    expect(dockerfileProblems(text.replace("WORKDIR", "WORKDRI"))[0]).toMatch(/^not an instruction/)
  })

  it("copies only what the build makes or the checkout has", () => {
    const files = execFileSync("git", ["ls-files"], { encoding: "utf8", cwd: new URL("../..", import.meta.url) }).split(
      "\n"
    )
    const made = ["dist", "node_modules"]
    for (const [, path] of read("Dockerfile").matchAll(/--from=build \/build\/(\S+)/g)) {
      expect(made.includes(path!) || files.some((file) => file === path || file.startsWith(`${path}/`)), path).toBe(
        true
      )
    }
  })

  it("has a compose file that drops what a gateway does not need", () => {
    const { networks, services } = parse(read("compose.yaml"))
    expect(services.gateway).toMatchObject({ read_only: true, cap_drop: ["ALL"], user: "10001:10001" })
    expect(services["orders-db"].ports).toBeUndefined()
    expect(services["orders-db"].networks).toEqual(["inside"])
    expect(networks.inside.internal).toBe(true)
  })

  it("has a unit that systemd understands", () => {
    const unit = read("sluice.service")
    expect(unit).toMatch(/^DynamicUser=yes$/m)
    const checker = spawnSync("systemd-analyze", ["--version"])
    if (checker.error !== undefined) return expect(unitProblems(unit)).toEqual([])
    const file = join(mkdtempSync(join(tmpdir(), "sluice-unit-")), "sluice.service")
    writeFileSync(file, unit)
    const { stderr } = spawnSync("systemd-analyze", ["verify", file], { encoding: "utf8" })
    expect(stderr.split("\n").filter((line) => line.includes("sluice.service"))).toEqual([])
  })

  it("would notice a unit that is wrong", () => {
    expect(unitProblems(read("sluice.service").replace("[Service]", "Service"))).not.toEqual([])
    expect(unitProblems(read("sluice.service").replace("Type=exec", "Type exec"))).not.toEqual([])
  })
})

/** systemd.syntax(7), for machines without systemd: sections, assignments, comments, and nothing else. */
const unitProblems = (text: string): ReadonlyArray<string> => {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
  const wrong = lines.filter((line) => !/^\[[A-Z][A-Za-z]+\]$/.test(line) && !/^[A-Z][A-Za-z]+=/.test(line))
  const missing = ["[Unit]", "[Service]", "[Install]"].filter((section) => !lines.includes(section))
  return [...wrong, ...missing]
}
