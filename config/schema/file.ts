import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Address, Count, isResource, Name, Text, Used } from "./common.ts"
import { Expectation } from "./expectation.ts"
import { Pipelines } from "./pipeline.ts"

const Login = Schema.Struct({
  client_id: Text("What the issuer calls `sluice login`: a public client, without a secret."),
  scope: Text("What `sluice login` asks for, separated by spaces. `offline_access` asks for renewal without a person.")
    .pipe(Schema.withDecodingDefaultKey(Effect.succeed("openid"))),
  token: Schema.Literals(["access", "id"]).annotate({
    description: "Which token the gateway is shown: the issuer's access token, or its ID token where that is the one "
      + "whose audience `tokens` expects."
  }).pipe(Schema.withDecodingDefaultKey(Effect.succeed("access" as const))),
  resource: Schema.optionalKey(
    Text("What the token is for, where the issuer asks that (RFC 8707): an absolute URI.").check(
      Schema.makeFilter((text) => isResource(text) || "must be an absolute URI, such as https://sluice.example.com")
    )
  ),
  audience: Schema.optionalKey(
    Text("The same in a parameter `audience`, where the issuer has that instead (Auth0).")
  ),
  issuer: Schema.optionalKey(Text("At which issuer, where `tokens` trusts several."))
}).annotate({ description: "How people get a token with `sluice login`." })

const Gateway = Schema.Struct({
  at: Text("The place where this gateway runs: one that the zones of `residency` know. It sees everything in clear."),
  name: Name("The gateway's name, in logs, receipts and recordings."),
  admin: Schema.optionalKey(
    Schema.Struct({ listen: Address("Where health, readiness and metrics are served.", "required") }).annotate({
      description:
        "The port for health, readiness and metrics. Anyone who can reach it can read it: loopback, or guarded."
    })
  ),
  login: Schema.optionalKey(Login),
  drain_seconds: Count("How long operations in flight may take to finish once the gateway is told to stop.", 0, 3600)
    .pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(30))
    )
}).annotate({ description: "This gateway." })

const Telemetry = Schema.Struct({
  otlp_endpoint: Schema.optionalKey(
    Text("Where spans are sent, as OTLP over HTTP: `http://127.0.0.1:4318`.").check(
      Schema.isPattern(/^https?:[/][/][^\s]+$/u, { message: "must be a URL that starts with http:// or https://" })
    )
  )
}).annotate({ description: "Where the gateway reports on itself." })

/** The whole file, but for what stands under `residency:` and each `with:`, whose owners have schemas of their own. */
export const File = Schema.Struct({
  $schema: Schema.optionalKey(Schema.String.annotate({ description: "For editors: where the JSON Schema is." })),
  version: Schema.Literal(1).annotate({ description: "The version of this format: 1." }),
  gateway: Gateway,
  services: Schema.Record(Name("The service's name."), Used("service")).annotate({
    description: "What plugins share: tokens, secrets, state, ledger."
  }).pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  residency: Schema.optionalKey(
    Schema.Unknown.annotate({ description: "Zones, data sets, parties, transfers, exceptions, rules." })
  ),
  pipelines: Pipelines,
  tests: Schema.Array(Expectation).annotate({ description: "The file's own tests, run by `sluice test`." }).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed([]))
  ),
  tests_schema: Schema.optionalKey(
    Text("Path of a file of definitions (DDL), from the file's folder, for all tests that name none of their own.")
  ),
  telemetry: Telemetry.pipe(Schema.withDecodingDefaultKey(Effect.succeed({})))
}).annotate({ description: "What a Sluice gateway is to do." })
export type File = typeof File.Type
