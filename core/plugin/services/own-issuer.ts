import * as Context from "effect/Context"

/** Tokens that the gateway itself gives to people who logged in elsewhere. Opened before whatever verifies tokens. */
export class OwnIssuer extends Context.Service<OwnIssuer, {
  /** As its tokens name it (`iss`). */
  readonly issuer: string
}>()("sluice/services/OwnIssuer") {}
