import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { oidc } from "../../../plugins/services/oidc/index.ts"
import { makeIssuer } from "../../fixtures/issuer.ts"
import { openService } from "../../fixtures/service.ts"
import { comeTo, loginOf } from "./door.ts"

/** A token as a product makes it, the options that the guide gives for it, and who that is. */
interface Shape {
  readonly issuer: string
  readonly audience: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly options: object
  readonly subject: string
  readonly groups: ReadonlyArray<string>
  readonly read?: object
}

const shapes: Readonly<Record<string, Shape>> = {
  "Keycloak, by group": {
    issuer: "https://sso.example.com/realms/shop",
    audience: "sluice",
    claims: {
      aud: ["sluice", "account"],
      sub: "f3b1c0de-0000-4000-8000-000000000001",
      typ: "Bearer",
      azp: "sluice-cli",
      sid: "canary",
      "allowed-origins": [],
      realm_access: { roles: ["offline_access"] },
      scope: "openid groups",
      groups: ["analysts"],
      preferred_username: "ann"
    },
    options: {},
    subject: "f3b1c0de-0000-4000-8000-000000000001",
    groups: ["analysts"],
    read: { typ: "Bearer", azp: "sluice-cli", scope: "openid groups", preferred_username: "ann" }
  },
  "Keycloak, by role": {
    issuer: "https://sso.example.com/realms/shop",
    audience: "sluice",
    claims: { sub: "f3b1", realm_access: { roles: ["analysts", "default-roles-shop"] } },
    options: { groups_claim: "realm_access.roles" },
    subject: "f3b1",
    groups: ["analysts", "default-roles-shop"]
  },
  Okta: {
    issuer: "https://example.okta.com/oauth2/aus1",
    audience: "sluice",
    claims: {
      ver: 1,
      jti: "AT.1",
      cid: "0oa1",
      uid: "00u1",
      scp: ["openid"],
      sub: "ann@example.com",
      groups: ["analysts"]
    },
    options: {},
    subject: "ann@example.com",
    groups: ["analysts"],
    read: { ver: 1, jti: "AT.1", cid: "0oa1", uid: "00u1" }
  },
  Auth0: {
    issuer: "https://tenant.auth0.com/",
    audience: "https://sluice.example.com",
    claims: {
      aud: ["https://sluice.example.com", "https://tenant.auth0.com/userinfo"],
      sub: "auth0|6500",
      azp: "AbCdEf",
      scope: "openid offline_access",
      "https://sluice.example.com/groups": ["analysts"]
    },
    options: { groups_claim: "https://sluice.example.com/groups" },
    subject: "auth0|6500",
    groups: ["analysts"]
  },
  "Entra ID, by role": {
    issuer: "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0",
    audience: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    claims: {
      sub: "pairwise",
      oid: "99999999-0000-0000-0000-000000000001",
      roles: ["analysts"],
      scp: "use",
      ver: "2.0"
    },
    options: { subject_claim: "oid", groups_claim: "roles" },
    subject: "99999999-0000-0000-0000-000000000001",
    groups: ["analysts"]
  },
  "Entra ID, of somebody in too many groups": {
    issuer: "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0",
    audience: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    claims: { sub: "pairwise", oid: "o-1", hasgroups: true, _claim_names: { groups: "src1" }, _claim_sources: {} },
    options: { subject_claim: "oid" },
    subject: "o-1",
    groups: []
  },
  "GitHub Actions": {
    issuer: "https://token.actions.githubusercontent.com",
    audience: "https://sluice.example.com",
    claims: {
      sub: "repo:example@123456/shop@456789:environment:production",
      repository: "example/shop",
      repository_id: "456789",
      repository_owner: "example",
      repository_owner_id: "123456",
      environment: "production",
      ref: "refs/heads/main",
      event_name: "push",
      actor: "ann",
      job_workflow_ref: "example/shop/.github/workflows/report.yml@refs/heads/main"
    },
    options: { groups_claim: "environment" },
    subject: "repo:example@123456/shop@456789:environment:production",
    groups: ["production"],
    read: {
      repository: "example/shop",
      repository_id: "456789",
      repository_owner: "example",
      repository_owner_id: "123456",
      ref: "refs/heads/main",
      event_name: "push",
      actor: "ann",
      job_workflow_ref: "example/shop/.github/workflows/report.yml@refs/heads/main"
    }
  },
  "GitHub Actions, without an environment": {
    issuer: "https://token.actions.githubusercontent.com",
    audience: "https://sluice.example.com",
    claims: { sub: "repo:example/shop:ref:refs/heads/main", repository: "example/shop" },
    options: { groups_claim: "environment" },
    subject: "repo:example/shop:ref:refs/heads/main",
    groups: []
  }
}

describe("a token as products make it", () => {
  const directory = mkdtempSync(join(tmpdir(), "issuers-"))
  afterAll(() => rmSync(directory, { recursive: true }))

  it.each(Object.entries(shapes))("%s", async (_name, { audience, claims, groups, issuer, options, read, subject }) => {
    const mint = await makeIssuer({ issuer, audience })
    mint.writeJwksFile(join(directory, "jwks.json"))
    const { close, service } = await openService(oidc, { issuer, audience, jwks_file: "jwks.json" }, directory)
    const came = await comeTo(service, loginOf(await mint.token(claims)), options)
    expect(came.admission).toMatchObject({ _tag: "Admit" })
    expect(came.principal).toMatchObject({ issuer, subject, groups, actors: [], evidence: "asserted" })
    if (read !== undefined) expect(came.principal?.claims).toEqual(read)
    // The same for whom it is not meant: every service that trusts this issuer sees such tokens.
    const other = await comeTo(service, loginOf(await mint.token({ ...claims, aud: "another" })), options)
    expect(other.admission).toMatchObject({ _tag: "Deny", code: "identity" })
    await close()
  })
})
