/** How a service is usually declared, by the key of what it provides. */
export const declarations: Readonly<Record<string, string>> = {
  "sluice/services/Tokens": "tokens: { use: oidc, with: { issuer: https://…, audience: … } }",
  "sluice/services/State": "state: { use: sqlite, with: { path: ./sluice.db } }",
  "sluice/services/Ledger": "ledger: { use: files, with: { directory: ./ledger, at: … } }",
  "sluice/services/Secrets": "secrets: { use: env }"
}
