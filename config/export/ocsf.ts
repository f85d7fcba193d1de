import { createHash } from "node:crypto"
import type { LedgerRecord } from "../../plugins/services/ledger/index.ts"
import { version } from "../version.ts"

type Body = LedgerRecord["body"]
export type OcsfEvent = Readonly<Record<string, unknown>>

const authentication = { class_uid: 3002, category_uid: 3 }
const datastore = { class_uid: 6005, category_uid: 6 }
/** Activities of Datastore Activity, by the kinds of operations. What is not here is 99, other. */
const activities: Readonly<Record<string, number>> = { read: 4, export: 1, write: 5, define: 6 }

/**
 * One session as events of the Open Cybersecurity Schema Framework (schema.ocsf.io): a login and its end as
 * Authentication, each operation as Datastore Activity. Who acts for the subject is the profile `ai_operation`:
 * `ai_agent`, and `delegation` by the token's own id, or by a digest of the chain where it has none.
 */
export class OcsfSession {
  private readonly id: string
  private actor: OcsfEvent = { user: { name: "unknown", type_id: 0 } }
  private who: OcsfEvent = {}
  private source: OcsfEvent = { ip: "unknown" }
  private database: OcsfEvent = { name: "unknown", type_id: 1 }

  constructor(id: string) {
    this.id = id
  }

  /** None for records that say nothing of their own: answers, inputs, outcomes. */
  events(record: LedgerRecord): ReadonlyArray<OcsfEvent> {
    const { body, type } = record
    if (type === "session.start" || type === "session.refused") return [this.login(record, type === "session.start")]
    if (type === "session.end")
      return [this.event(record, authentication, 2, { status_id: 1, user: this.actor["user"] })]
    return type === "operation" ? [this.operation(record, body)] : []
  }

  private login(record: LedgerRecord, accepted: boolean): OcsfEvent {
    const { body } = record
    const { peer, principal } = { peer: map(body["peer"]), principal: map(body["principal"]) }
    this.source = { ip: peer["address"], port: peer["port"] }
    this.database = { name: map(body["login"])["database"] ?? body["pipeline"], type_id: 1 }
    if (principal["subject"] !== undefined) this.identify(principal)
    return this.event(record, authentication, 1, {
      user: this.actor["user"],
      status_id: accepted ? 1 : 2,
      ...(accepted ? {} : { status_code: body["deny"], status_detail: body["message"] }),
      service: { name: body["pipeline"] }
    })
  }

  private identify(principal: Body): void {
    const groups = list(principal["groups"]).map((name) => ({ name }))
    const user = { name: principal["subject"], uid: principal["subject"], type_id: 1, groups }
    this.actor = { user, session: { uid: this.id, issuer: principal["issuer"] } }
    const [nearest] = list(principal["actors"]).map(map)
    if (nearest === undefined) return
    const jti = map(principal["claims"])["jti"]
    const chain = [principal, ...list(principal["actors"]).map(map)].map(({ issuer, subject }) => [issuer, subject])
    const uid = typeof jti === "string" ? jti : createHash("sha256").update(JSON.stringify(chain)).digest("hex")
    this.who = {
      ai_agent: { name: nearest["subject"], uid: nearest["subject"] },
      delegation: { uid, issuer_uid: principal["issuer"] }
    }
  }

  private operation(record: LedgerRecord, body: Body): OcsfEvent {
    const allowed = body["verdict"] === "allow"
    const denial = map(body["verdict"])
    const receipt = map(body["receipt"])
    const kind = typeof body["kind"] === "string" ? body["kind"] : "unknown"
    return this.event(record, datastore, activities[kind] ?? 99, {
      activity_name: kind,
      src_endpoint: this.source,
      database: this.database,
      type_id: 1,
      query_info: { query_string: body["text"] ?? body["summary"] ?? "" },
      action_id: allowed ? 1 : 2,
      status_id: allowed ? 1 : 2,
      ...(allowed ? {} : { status_code: denial["deny"], status_detail: denial["message"] }),
      policy: { uid: receipt["policy"] },
      unmapped: {
        exchange: body["exchange"],
        reads: receipt["reads"],
        writes: receipt["writes"],
        sinks: receipt["sinks"]
      }
    })
  }

  private event(
    { at, seq }: LedgerRecord,
    ofClass: { readonly class_uid: number; readonly category_uid: number },
    activity: number,
    more: OcsfEvent
  ): OcsfEvent {
    const delegated = this.who["delegation"] !== undefined
    return {
      ...ofClass,
      activity_id: activity,
      type_uid: ofClass.class_uid * 100 + activity,
      severity_id: more["status_id"] === 2 ? 3 : 1,
      time: Date.parse(at),
      actor: this.actor,
      ...this.who,
      ...more,
      metadata: {
        version: "1.6.0",
        product: { name: "Sluice", vendor_name: "Sluice", version: version() },
        uid: `${this.id}#${seq}`,
        correlation_uid: this.id,
        ...(delegated ? { profiles: ["ai_operation"] } : {})
      }
    }
  }
}

const map = (value: unknown): Body =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value as Body : {}
const list = (value: unknown): ReadonlyArray<unknown> => Array.isArray(value) ? value : []
