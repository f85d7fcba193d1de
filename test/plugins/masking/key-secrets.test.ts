import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { describe, expect, it } from "vitest"
import { pluginError, Secrets } from "../../../core/index.ts"
import { cautions } from "../../../plugins/masking/cautions.ts"
import type { MaskingConfig } from "../../../plugins/masking/config.ts"
import { fetchKeys } from "../../../plugins/masking/key-secrets.ts"

const known: Readonly<Record<string, string>> = { LONG: "0123456789abcdef", SHORT: "0123456789abcde" }
const secrets = {
  fetch: (name: string) =>
    known[name] === undefined
      ? Effect.fail(pluginError("env", `The environment variable ${name} is not set.`))
      : Effect.succeed(Redacted.make(known[name]))
}
const fetched = (config: MaskingConfig) =>
  Effect.runSync(Effect.result(fetchKeys(config).pipe(Effect.provideService(Secrets, secrets))))

describe("the keys of masks", () => {
  it("are those that the masks name, and no others", () => {
    const result = fetched({
      key: "NOBODY",
      masks: { email: { use: "hash", key: "LONG" } },
      for: [{ groups: ["g"], masks: { phone: { use: "token", key: "LONG" } } }]
    })
    expect(result._tag === "Success" && [...result.success.keys()]).toEqual(["LONG"])
  })
  it.each([["NOBODY", "NOBODY is not set"], ["SHORT", "The secret SHORT is shorter than 16 bytes"]])(
    "keep the pipeline closed when one is not to be had, or can be guessed: %s",
    (key, words) => {
      const result = fetched({ key, obliged: { email: { use: "hash" } } })
      expect(result._tag === "Failure" && result.failure.message).toContain(words)
      expect(JSON.stringify(result)).not.toContain(known["SHORT"])
    }
  )
})

describe("cautions", () => {
  it("tell of operators that have nothing for a kind, and of masks that nobody may undo", () => {
    const said = cautions({
      key: "K",
      masks: { email: { use: "shift", days_max: 3 }, us_ssn: { use: "fpe", alphabet: "digits" } }
    })
    expect(said).toHaveLength(2)
    expect(said[0]).toContain("`shift` of email has masks only for dates")
    expect(said[1]).toContain("unmask_to_group")
    expect(cautions({ masks: { text: { use: "generalise", to: "zip3", band: 1, ipv4_bits: 24, ipv6_bits: 48 } } }))
      .toEqual([])
  })
})
