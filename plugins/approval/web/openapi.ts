const text = { type: "string" }
const time = { type: "string", format: "date-time" }
const texts = { type: "array", items: text }
const object = (properties: Record<string, unknown>, required: ReadonlyArray<string> = Object.keys(properties)) => ({
  type: "object",
  properties,
  required
})
const of = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const answer = (description: string, schema: unknown) => ({
  description,
  content: { "application/json": { schema } }
})
const refusals = Object.fromEntries(
  [
    ["400", "The body is not what is described here."],
    ["401", "There is no token, or it is not accepted."],
    ["403", "You may not do this: it is your own, or not yours to decide, or not for you to see."],
    ["404", "There is no such request that concerns you."],
    ["409", "It is not in a state in which this can be done."],
    ["415", "The body is not application/json."],
    ["429", "Too many attempts. Try again in a minute."],
    ["503", "The approvals cannot be reached now."]
  ].map(([status, description]) => [status!, answer(description!, of("Refusal"))])
)
const id = { name: "id", in: "path", required: true, schema: text }
const post = (summary: string, schema: unknown, result = of("Settled")) => ({
  post: {
    summary,
    parameters: [id],
    requestBody: { content: { "application/json": { schema } } },
    responses: { "200": answer("Done.", result), ...refusals }
  }
})
const withReason = object({ reason: text }, [])

const shown = object({
  pipeline: text,
  from: { ...text, description: "Where the upstream is." },
  address: text,
  kind: text,
  text: { ...text, description: "Exactly what would run. Absent when you may not see it." },
  asked: { ...text, description: "What was asked, where the gateway rewrote it." },
  parameters: { type: "array", items: { type: ["string", "null"] } },
  who: { type: "array", items: object({ issuer: text, subject: text, groups: texts }) },
  reads: texts,
  writes: texts,
  carries: texts,
  sinks: { type: "array", items: object({ sink: text, at: text }) },
  why: texts,
  policy: text
}, ["pipeline", "from", "address", "kind", "who", "reads", "writes", "sinks", "why", "policy"])

const statuses = ["draft", "pending", "approved", "denied", "expired", "void", "used"]

/** The description of the API, as it is served under `/openapi.json` and kept in the documentation. */
export const openapi = {
  openapi: "3.1.0",
  info: {
    title: "Sluice approvals",
    version: "1",
    description: "What waits for a person's yes, and where people say it. Everyone brings a token of their own."
  },
  security: [{ bearer: [] }],
  paths: {
    "/v1/requests": {
      get: {
        summary: "Requests that concern you: yours to decide, or asked by you.",
        parameters: [{
          name: "all",
          in: "query",
          schema: { type: "boolean" },
          description: "Also those that are over."
        }],
        responses: {
          "200": answer(
            "The requests, the oldest first.",
            object({ requests: { type: "array", items: of("Request") } })
          ),
          ...refusals
        }
      }
    },
    "/v1/requests/{id}": {
      get: {
        summary: "One request. That it was shown to you is recorded.",
        parameters: [id],
        responses: { "200": answer("The request.", of("Request")), ...refusals }
      }
    },
    "/v1/requests/{id}/approve": post(
      "Approve exactly what was shown: `binding` must be the request's own.",
      object({
        binding: text,
        reason: text,
        grant: object({
          seconds: { type: "integer", minimum: 1, maximum: 86_400 },
          uses: { type: "integer", minimum: 1, maximum: 10_000 },
          kinds: { ...texts, minItems: 1 }
        })
      }, ["binding"])
    ),
    "/v1/requests/{id}/deny": post("Deny it. A no wins over every yes that was not used yet.", withReason),
    "/v1/requests/{id}/submit": post("Bring your own refused operation to the approvers.", withReason),
    "/v1/requests/{id}/revoke": post("Withdraw a request, or an approval that was not used.", withReason),
    "/v1/grants": {
      get: {
        summary: "Grants that concern you.",
        responses: {
          "200": answer("The grants.", object({ grants: { type: "array", items: of("Grant") } })),
          ...refusals
        }
      }
    },
    "/v1/grants/{id}/revoke": post("End a grant at once.", withReason)
  },
  components: {
    securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    schemas: {
      Request: object({
        id: text,
        status: { enum: statuses },
        clients: { enum: ["wait", "retry"] },
        binding: { ...text, description: "SHA-256 over everything that an approval rests on." },
        rules: object({
          approvers: texts,
          quorum: { type: "integer" },
          within_seconds: { type: "integer" },
          reason_required: { type: "boolean" }
        }),
        at: time,
        until: time,
        shown,
        votes: { type: "array", items: object({ by: text, at: time, reason: text }, ["by", "at"]) },
        steps: { type: "array", items: object({ step: text, at: time, by: text, reason: text }, ["step", "at"]) },
        alike: { type: "integer", description: "How many open requests of the same people look like this one." },
        hidden: { ...text, description: "Why what would run is not shown to you." },
        barred: { ...text, description: "Why you have no say in it." }
      }, ["id", "status", "clients", "binding", "rules", "at", "until", "shown", "votes", "steps", "alike"]),
      Grant: object({
        id: text,
        request: text,
        by: texts,
        approvers: texts,
        who: { type: "array", items: object({ issuer: text, subject: text }) },
        pipeline: text,
        address: text,
        data_sets: texts,
        sinks: texts,
        kinds: texts,
        uses_left: { type: "integer" },
        at: time,
        until: time,
        revoked: { type: "object" }
      }, ["id", "request", "by", "who", "pipeline", "data_sets", "kinds", "uses_left", "at", "until"]),
      Settled: object({ id: text, status: { enum: [...statuses, "revoked"] } }),
      Refusal: object({ error: text, message: text })
    }
  }
}
