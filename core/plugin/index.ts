export type { CloseReason, Entry, SessionEntry } from "./entry.ts"
export {
  type Capability,
  defineFact,
  type Fact,
  type FactsIn,
  type Reads,
  type ServicesIn,
  type Writes
} from "./fact.ts"
export { Approval } from "./facts/approval.ts"
export { Inference } from "./facts/inference.ts"
export { type Evidence, type Identity, Principal } from "./facts/principal.ts"
export {
  type Decision,
  type Obligation,
  type ProtectedColumn,
  Protection,
  Receipt,
  ReceiptBasis,
  type ReceiptCheck,
  type ReceiptSink,
  Reveals
} from "./facts/receipt.ts"
export type { Decided, Expiry, Hooks, Rewritten } from "./hooks.ts"
export { definePlugin, type Plugin } from "./plugin.ts"
export { defineService, type Service, type ServiceSite } from "./service.ts"
export { Callers } from "./services/callers.ts"
export { type Json, Ledger, type RecordBody, type SessionLog } from "./services/ledger.ts"
export { Onlookers, type Sight } from "./services/onlookers.ts"
export { OwnIssuer } from "./services/own-issuer.ts"
export { Policy, type PolicyDocument, type PolicyPipeline } from "./services/policy.ts"
export { Readers, type ReaderSocket, type ReaderTarget } from "./services/readers.ts"
export { type Proof, Revocations } from "./services/revocations.ts"
export { Secrets } from "./services/secrets.ts"
export { State, type StateChange } from "./services/state.ts"
export { type TokenRefused, Tokens, type VerifiedToken } from "./services/tokens.ts"
export { escapeMarkup, type Guarded, guardedHeaders } from "./services/web-guard.ts"
export { Web, type WebAnswer, type WebListen, type WebRequest } from "./services/web.ts"
export type { Spool } from "./spool.ts"
