import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { oidc } from "../../../../plugins/services/oidc/index.ts"
import { type Issuer, makeIssuer } from "../../../fixtures/issuer.ts"
import { openService } from "../../../fixtures/service.ts"

const folder = `${import.meta.dirname}/../../../fixtures/tls`
const server = createServer({
  cert: readFileSync(`${folder}/ecdsa-sha256.crt`),
  key: readFileSync(`${folder}/ecdsa-sha256.key`)
})
let issuer: Issuer
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  issuer = await makeIssuer({ issuer: `https://localhost:${(server.address() as AddressInfo).port}` })
  server.on("request", (request, response) => {
    const keys = { issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/jwks` }
    response.end(JSON.stringify(request.url === "/jwks" ? issuer.jwks : keys))
  })
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const said = async (options: object): Promise<string> => {
  const all = { issuer: issuer.issuer, audience: issuer.audience, ...options }
  const { service, close } = await openService(oidc, all, folder)
  const result = await Effect.runPromise(
    Effect.result(service.verify(await issuer.token(), Date.now()))
  )
  await close()
  return result._tag === "Success" ? "accepted" : result.failure.message
}

describe("an issuer over TLS", () => {
  it("is believed when its certificate is signed by the authority that the operator gives", async () => {
    expect(await said({ authority_file: "./ecdsa-sha256.crt" })).toBe("accepted")
  })
  it("is not believed otherwise, and the reason is said", async () => {
    expect(await said({})).toMatch(/self.signed/)
    expect(await said({ authority_file: "./rsa-sha384.crt" })).toMatch(/self.signed|verif|SIGNED/)
  })
  it("is not believed under another name", async () => {
    const elsewhere = {
      authority_file: "./ecdsa-sha256.crt",
      jwks_uri: issuer.issuer.replace("localhost", "127.0.0.1")
    }
    expect(await said(elsewhere)).toMatch(/altnames|ERR_TLS_CERT/)
  })
  it("cannot be configured with an authority that is not there", async () => {
    await expect(said({ authority_file: "./missing.pem" })).rejects.toThrow("authority_file ./missing.pem")
  })
})
