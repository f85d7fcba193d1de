import pg from "pg"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { inflateRawSync } from "node:zlib"
import { freePort } from "../../../../config/demo/free-port.ts"
import { Live } from "../../../fixtures/live.ts"
import { shop } from "../../../fixtures/shop.ts"
import { assertionXml, base64, ENTITY, makeKey, responseXml, sign } from "./identity-provider.ts"

let live: Live
const directory = mkdtempSync(join(tmpdir(), "saml-live-"))
const idp = makeKey(directory, "idp")
let address: string

beforeAll(async () => {
  const port = await freePort()
  address = `http://127.0.0.1:${port}`
  live = await Live.start({
    ...shop,
    files: { "idp.crt": readFileSync(idp.certificateFile, "utf8") },
    tokens: "{ issuer: \"https://gateway.example\", audience: sluice, jwks_file: ./saml-keys.json }",
    services: `  state: { use: sqlite, with: { path: ./state.db } }
  saml:
    use: saml
    with:
      listen: 127.0.0.1:${port}
      address: ${address}
      provider: { entity_id: "${ENTITY}", login: "https://idp.example/sso", certificate_file: ./idp.crt }
      token: { issuer: "https://gateway.example", audience: sluice, key_file: ./saml.key, jwks_file: ./saml-keys.json }`
  })
}, 60_000)
afterAll(async () => {
  await live?.stop()
  rmSync(directory, { recursive: true })
})

it("opens a session with what a person got from the page", async () => {
  const asked = await fetch(`${address}/saml/login`, { redirect: "manual" })
  const request = new URL(asked.headers.get("location")!).searchParams.get("SAMLRequest")!
  const inResponseTo = /\bID="([^"]+)"/.exec(inflateRawSync(Buffer.from(request, "base64")).toString())![1]!
  const said = {
    inResponseTo,
    subject: "clerk",
    recipient: `${address}/saml/acs`,
    audience: `${address}/saml/metadata`
  }
  const body = new URLSearchParams({
    SAMLResponse: base64(sign(responseXml(assertionXml(said), said.recipient), "Assertion", idp))
  })
  const page = await fetch(`${address}/saml/acs`, { method: "POST", body })
  const password = /<textarea[^>]*>([^<]+)</.exec(await page.text())![1]!
  expect((await fetch(`${address}/saml/acs`, { method: "POST", body })).status).toBe(403)
  const client = new pg.Client({ host: "127.0.0.1", port: live.port, user: "app", password, database: "postgres" })
  client.on("error", () => {})
  await client.connect()
  expect((await client.query("select count(*)::int as n from prices")).rows).toEqual([{ n: 50 }])
  expect((await client.query("SHOW application_name")).rows[0].application_name).toMatch(/^sluice:.*:clerk$/)
  await client.end()
})
