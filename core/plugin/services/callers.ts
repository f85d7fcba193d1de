import * as Context from "effect/Context"
import type { Deny } from "../../exchange/index.ts"
import type { Principal } from "../facts/principal.ts"
import type { VerifiedToken } from "./tokens.ts"

/** Reads who a verified token stands for, for those who do not come through a pipeline: the same as at its door. */
export class Callers extends Context.Service<Callers, {
  readonly of: (token: VerifiedToken) => Principal | Deny
}>()("sluice/services/Callers") {}
