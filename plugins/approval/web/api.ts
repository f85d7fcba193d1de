import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { PluginError, WebAnswer, WebRequest } from "../../../core/index.ts"
import type { Desk, Refused, Visitor } from "../desk.ts"
import { grantJson, requestJson } from "../view-json.ts"
import { json, statusOf } from "./answers.ts"

const reason = Schema.optionalKey(Schema.String.check(Schema.isMaxLength(2000)))
const Kind = Schema.Literals(["session", "read", "export", "write", "define", "admin", "execute", "move", "unknown"])
const Grant = Schema.Struct({
  seconds: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 86_400 })),
  uses: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 })),
  kinds: Schema.NonEmptyArray(Kind)
})

const decodeOf = <C extends Schema.ConstraintDecoder<any>>(schema: C) => {
  const decode = Schema.decodeUnknownResult(schema, { onExcessProperty: "error" })
  return (body: string): C["Type"] | undefined => {
    try {
      const decoded = decode(JSON.parse(body === "" ? "{}" : body))
      return decoded._tag === "Success" ? decoded.success : undefined
    } catch {
      return undefined
    }
  }
}

const approveBody = decodeOf(
  Schema.Struct({ binding: Schema.NonEmptyString, reason, grant: Schema.optionalKey(Grant) })
)
const reasonBody = decodeOf(Schema.Struct({ reason }))

type Answering = Effect.Effect<WebAnswer, Refused | PluginError>

/** Answers `/v1/…`. Whoever asks brings a token of their own in `Authorization`; cookies count for nothing here. */
export const answerApi = (desk: Desk, request: WebRequest): Effect.Effect<WebAnswer> =>
  Effect.gen(function*(): Effect.fn.Return<WebAnswer, Refused | PluginError> {
    const token = /^Bearer ([A-Za-z0-9._~+/=-]{1,16384})$/.exec(request.headers.get("authorization") ?? "")?.[1]
    if (token === undefined) {
      return json(401, { error: "unauthenticated", message: "Bring a token of your own: Authorization: Bearer …" }, ASK)
    }
    const visitor = yield* desk.admit(token)
    if (request.method === "POST" && !/^application\/json(;|$)/.test(request.headers.get("content-type") ?? "")) {
      return json(415, { error: "unsupported", message: "Send application/json." })
    }
    return yield* route(desk, visitor, request)
  }).pipe(Effect.catch((error) => Effect.succeed(failed(error))))

const ASK = { "www-authenticate": "Bearer" }

const route = (desk: Desk, visitor: Visitor, request: WebRequest): Answering => {
  const [, kind, id, verb, more] = /^\/v1\/([a-z]+)(?:\/([a-z0-9-]+))?(?:\/([a-z]+))?(.*)$/.exec(request.path) ?? []
  const nothing = Effect.succeed(
    json(404, { error: "not_found", message: "There is no such thing. See /openapi.json." })
  )
  if (more !== "" || (kind !== "requests" && kind !== "grants")) return nothing
  if (request.method === "GET" && verb === undefined) return get(desk, visitor, request, kind, id) ?? nothing
  if (request.method === "POST" && id !== undefined && verb !== undefined) {
    return change(desk, visitor, request, kind, id, verb) ?? nothing
  }
  return nothing
}

const get = (desk: Desk, visitor: Visitor, request: WebRequest, kind: string, id?: string): Answering | undefined => {
  if (kind === "grants") {
    return id === undefined
      ? Effect.map(desk.grants(visitor), (grants) => json(200, { grants: grants.map(grantJson) }))
      : undefined
  }
  if (id !== undefined) return Effect.map(desk.show(visitor, id), (view) => json(200, requestJson(view)))
  const all = request.query.get("all") === "true"
  return Effect.map(desk.list(visitor, all), (views) => json(200, { requests: views.map(requestJson) }))
}

const change = (
  desk: Desk,
  visitor: Visitor,
  { body }: WebRequest,
  kind: string,
  id: string,
  verb: string
): Answering | undefined => {
  const malformed = Effect.succeed(
    json(400, { error: "malformed", message: "The body is not what /openapi.json says." })
  )
  const settled = Effect.map(({ id, status }: { readonly id: string; readonly status: string }) =>
    json(200, { id, status })
  )
  if (kind === "requests" && verb === "approve") {
    const decision = approveBody(body)
    return decision === undefined ? malformed : settled(desk.decide(visitor, id, { approve: true, ...decision }))
  }
  const given = reasonBody(body)
  if (given === undefined) return malformed
  if (verb === "revoke" && (kind === "grants") === id.startsWith("gr-")) {
    return Effect.map(desk.revoke(visitor, id, given.reason), () => json(200, { id, status: "revoked" }))
  }
  if (kind !== "requests") return undefined
  if (verb === "deny") return settled(desk.decide(visitor, id, { approve: false, binding: "", reason: given.reason }))
  return verb === "submit" ? settled(desk.submit(visitor, id, given.reason)) : undefined
}

const failed = (error: Refused | PluginError): WebAnswer =>
  error._tag === "Refused"
    ? json(statusOf(error), { error: error.code, message: error.message }, error.code === "unauthenticated" ? ASK : {})
    : json(503, { error: "unavailable", message: "The approvals cannot be reached now. The gateway's log says why." })
