import * as Effect from "effect/Effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import type { RequestListener } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, afterEach, describe, expect, it } from "vitest"
import type { Tokens } from "../../../../core/index.ts"
import { oidc } from "../../../../plugins/services/oidc/index.ts"
import { makeIssuer } from "../../../fixtures/issuer.ts"
import { openService } from "../../../fixtures/service.ts"
import { clientToken, type LocalServer, localServer, serveProvider } from "./provider.ts"

const directory = mkdtempSync(join(tmpdir(), "keys-"))
afterAll(() => rmSync(directory, { recursive: true }))
const closing: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

const open = async (options: unknown): Promise<Tokens["Service"]> => {
  const { service, close } = await openService(oidc, options, directory)
  closing.push(close)
  return service
}
const serve = async (): Promise<LocalServer> => {
  const server = await localServer()
  closing.push(server.stop)
  return server
}
const codeOf = async (tokens: Tokens["Service"], token: string): Promise<string> => {
  const result = await Effect.runPromise(Effect.result(tokens.verify(token, Date.now())))
  if (result._tag === "Success") return "accepted"
  return result.failure._tag === "TokenRefused" ? result.failure.code : result.failure.message
}
/** Asks until the answer is `wanted`, for ten seconds at most. */
const becomes = async (tokens: Tokens["Service"], token: string, wanted: string): Promise<void> => {
  for (let i = 0; i < 100 && (await codeOf(tokens, token)) !== wanted; i++) await sleep(100)
  expect(await codeOf(tokens, token)).toBe(wanted)
}

describe("a real provider", () => {
  it("is discovered; rotates its keys; goes away and comes back", async () => {
    const server = await serve()
    await serveProvider(server, "first")
    const tokens = await open({ issuer: server.url, audience: "sluice", keys_refetch_seconds: 1 })
    const first = await clientToken(server)
    expect(await codeOf(tokens, first)).toBe("accepted")

    await serveProvider(server, "second")
    const second = await clientToken(server)
    await becomes(tokens, second, "accepted")
    expect(await codeOf(tokens, first)).toBe("signature")

    const third = await clientToken(server)
    await server.stop()
    expect(await codeOf(tokens, second)).toBe("accepted")
    expect(await codeOf(tokens, third)).toBe("accepted")
    expect(await codeOf(tokens, first)).toBe("signature")
    await server.start()
    expect(await codeOf(tokens, await clientToken(server))).toBe("accepted")
  }, 60_000)
  it("that is down at the start does not keep the gateway from starting", async () => {
    const server = await serve()
    await serveProvider(server, "only")
    const token = await clientToken(server)
    await server.stop()
    const tokens = await open({ issuer: server.url, audience: "sluice" })
    expect(await codeOf(tokens, token)).toContain(`no usable keys of ${server.url}`)
    await server.start()
    await becomes(tokens, token, "accepted")
  }, 60_000)
  it("that is gone for longer than keys are kept lets nobody in, cached or not", async () => {
    const server = await serve()
    await serveProvider(server, "only")
    const tokens = await open({ issuer: server.url, audience: "sluice", keys_keep_seconds: 10 })
    const token = await clientToken(server)
    expect(await codeOf(tokens, token)).toBe("accepted")
    await server.stop()
    for (let i = 0; i < 150 && (await codeOf(tokens, token)) === "accepted"; i++) await sleep(100)
    expect(await codeOf(tokens, token)).toContain("no usable keys")
    await server.start()
  }, 60_000)
})

describe("an answer", () => {
  const jwksPath = "/jwks"
  /** What a server answers that is to be an issuer, and what is said of it. */
  const trial = async (answer: (server: LocalServer, jwks: string) => RequestListener, options: object = {}) => {
    const server = await serve()
    const issuer = await makeIssuer({ issuer: server.url })
    server.answer = answer(server, JSON.stringify(issuer.jwks))
    const tokens = await open({ issuer: server.url, audience: "sluice", fetch_timeout_seconds: 1, ...options })
    return { server, said: await codeOf(tokens, await issuer.token()) }
  }
  const discovery = (document: object, keys: RequestListener): RequestListener => (request, response) => {
    if (request.url === jwksPath) keys(request, response)
    else response.end(JSON.stringify(document))
  }
  const plainly = (text: string): RequestListener => (_request, response) => void response.end(text)

  it("that is right is used (the control of those below)", async () => {
    const { said, server } = await trial((server, jwks) =>
      discovery({ issuer: server.url, jwks_uri: server.url + jwksPath }, plainly(jwks))
    )
    expect(said).toBe("accepted")
    expect(server.asked).toEqual(new Map([["/.well-known/openid-configuration", 1], [jwksPath, 1]]))
  })
  it("from an address that the operator gives is used without discovery", async () => {
    const server = await serve()
    const issuer = await makeIssuer({ issuer: "urn:corp" })
    server.answer = plainly(JSON.stringify(issuer.jwks))
    const tokens = await open({ issuer: "urn:corp", audience: "sluice", jwks_uri: server.url + jwksPath })
    expect(await codeOf(tokens, await issuer.token())).toBe("accepted")
    expect([...server.asked.keys()]).toEqual([jwksPath])
  })
  it.each<[string, (server: LocalServer, jwks: string) => RequestListener, string]>([
    [
      "I05 that describes another issuer",
      (server, jwks) => discovery({ issuer: `${server.url}/`, jwks_uri: server.url + jwksPath }, plainly(jwks)),
      "does not describe"
    ],
    [
      "I05 that redirects",
      (server) => (request, response) =>
        void response.writeHead(302, { location: `${server.url}/elsewhere${request.url}` }).end(),
      "status 302"
    ],
    [
      "I05 whose keys redirect",
      (server) =>
        discovery(
          { issuer: server.url, jwks_uri: server.url + jwksPath },
          (_request, response) => void response.writeHead(307, { location: `${server.url}/keys` }).end()
        ),
      "status 307"
    ],
    [
      "whose keys are over http elsewhere",
      (server) => discovery({ issuer: server.url, jwks_uri: "http://keys.example.com/jwks" }, plainly("")),
      "not https"
    ],
    [
      "whose keys are in a file",
      (server) => discovery({ issuer: server.url, jwks_uri: "file:///etc/passwd" }, plainly("")),
      "not https"
    ],
    ["without keys", (server) => discovery({ issuer: server.url }, plainly("")), "not https"],
    ["that is a page", () => plainly("<html>"), "does not describe"],
    ["that is an error", () => (_request, response) => void response.writeHead(500).end(), "status 500"],
    ["D14 that never comes", () => () => {}, "in time"],
    ["D14 that drips", () => (_request, response) => {
      const drip = setInterval(() => response.write(" "), 50)
      response.once("close", () => clearInterval(drip))
    }, "in time"],
    ["D14 that never ends", () => (_request, response) => {
      const flood = (): void => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      }
      response.on("drain", flood)
      flood()
    }, "256 KiB"]
  ])("%s is not used, and lets nobody in", async (_name, answer, why) => {
    const { said, server } = await trial(answer)
    expect(said).toContain("no usable keys")
    expect(said).toContain(why)
    for (const path of server.asked.keys()) expect(path).not.toMatch(/elsewhere|\/keys/)
  }, 20_000)
  it("I06 is asked for once by a hundred tokens with unknown keys", async () => {
    const server = await serve()
    const issuer = await makeIssuer({ issuer: server.url })
    server.answer = (_request, response) => void response.end(JSON.stringify(issuer.jwks))
    const options = { issuer: server.url, audience: "sluice", jwks_uri: server.url + jwksPath, keys_refetch_seconds: 1 }
    const tokens = await open(options)
    expect(await codeOf(tokens, await issuer.token())).toBe("accepted")
    await sleep(1100)
    await issuer.rotate()
    const token = await issuer.token()
    const said = await Promise.all(Array.from({ length: 100 }, () => codeOf(tokens, token)))
    expect(new Set(said)).toEqual(new Set(["accepted"]))
    expect(server.asked.get(jwksPath)).toBe(2)
  })
})

describe("jwks_file", () => {
  it("is read again when it changes; a bad one changes nothing", async () => {
    const issuer = await makeIssuer()
    const path = join(directory, "jwks.json")
    issuer.writeJwksFile(path)
    const tokens = await open({ issuer: issuer.issuer, audience: "sluice", jwks_file: "jwks.json" })
    const first = await issuer.token()
    expect(await codeOf(tokens, first)).toBe("accepted")

    for (const bad of ["", "{\"keys\":[", "[]"]) {
      writeFileSync(path, bad)
      await sleep(700)
      expect(await codeOf(tokens, first)).toBe("accepted")
    }
    rmSync(path)
    await sleep(700)
    expect(await codeOf(tokens, first)).toBe("accepted")

    await issuer.rotate({ forget: true })
    issuer.writeJwksFile(path)
    await becomes(tokens, await issuer.token(), "accepted")
    expect(await codeOf(tokens, first)).toBe("signature")
  }, 30_000)
  it("that loses a key turns its tokens away, though they are cached and name no new one", async () => {
    const issuer = await makeIssuer({ issuer: "urn:losing" })
    issuer.writeJwksFile(join(directory, "losing.json"))
    const tokens = await open({ issuer: issuer.issuer, audience: "sluice", jwks_file: "losing.json" })
    const token = await issuer.token()
    expect(await codeOf(tokens, token)).toBe("accepted")
    await issuer.rotate({ forget: true })
    issuer.writeJwksFile(join(directory, "losing.json"))
    await becomes(tokens, token, "signature")
  }, 30_000)
})
