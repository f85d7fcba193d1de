import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { defaultLimits } from "../../core/protocol/index.ts"
import { Address, Count, Name, Range, Text, Used } from "./common.ts"

const ListenerTls = Schema.Union([
  Schema.Literal("off"),
  Schema.Struct({
    certificate: Text("Path of the PEM certificate chain, from the file's folder."),
    key: Text("Path of the PEM private key, from the file's folder."),
    client_authority: Schema.optionalKey(
      Text(
        "Path of a PEM file with those who sign clients' certificates. Without it clients are asked for none."
      )
    ),
    client_certificate: Schema.optionalKey(
      Schema.Literals(["optional", "required"]).annotate({
        description: "Whether a client must show a certificate of `client_authority`. `optional` unless told."
      })
    )
  }).check(
    Schema.makeFilter((tls) =>
      tls.client_certificate === undefined || tls.client_authority !== undefined
      || "client_certificate needs client_authority: the PEM of those who sign clients' certificates"
    )
  )
]).annotate({
  description: "What clients are shown: `{ certificate, key }`, or `off`, which is allowed on loopback only."
})

const SecretName = (description: string) =>
  Text(description).check(
    Schema.isPattern(/^[^\s:]+$/u, { message: "must name a secret, as in ORDERS_DB, and not be the secret itself" })
  )

const CredentialByGroup = Schema.Struct({
  by_group: Schema.Record(Text("A group of the caller's."), SecretName("The name of its secret.")).annotate({
    description: "Secrets by the caller's group, the first that fits in the order of the file."
  }).check(Schema.makeFilter((names) => Object.keys(names).length > 0 || "name one group at least")),
  otherwise: Schema.optionalKey(SecretName("The secret for everyone else. Without it they are refused.")),
  catalogue: Schema.optionalKey(
    SecretName("The secret that the gateway reads the catalogue with; `otherwise`, or the first, unless told.")
  )
}).annotate({ description: "Which of the gateway's own credentials a caller's session uses, by the caller's group." })

const Upstream = Schema.Struct({
  address: Address("Where the service behind this pipeline listens: `host:port`.", "optional"),
  addresses: Schema.optionalKey(
    Schema.Array(Range).check(Schema.isMinLength(1, { message: "must hold an address, or be left out" })).annotate({
      description:
        "The addresses and CIDR blocks that the host may stand for. A connection that is made to any other is "
        + "given up before a byte is sent. Any address when left out; changes are reported."
    })
  ),
  at: Text("The place where the upstream is: one that the zones of `residency` know."),
  tls: Schema.Literals(["off", "require", "verify-full"]).annotate({
    description:
      "How the upstream is dialled. `verify-full` (default) checks certificate and name; `off` is for loopback only."
  }).pipe(Schema.withDecodingDefaultKey(Effect.succeed("verify-full" as const))),
  authority: Schema.optionalKey(Text("Path of a PEM file with the authorities to trust, from the file's folder.")),
  credential: Schema.Union([
    SecretName("The name of the gateway's own credential in the secrets service. Never the credential itself."),
    CredentialByGroup
  ]).annotate({
    description:
      "The name of the gateway's own credential in the secrets service, or names by group. Never the credential itself."
  }),
  database: Schema.optionalKey(Text("Always connect to this database, whatever the client asks for."))
}).annotate({ description: "The service behind this pipeline." })

const seconds_max = 7 * 86_400
const gigabyte = 1_073_741_824

const Limits = Schema.Struct({
  message_bytes_max: Schema.optionalKey(Count("The longest message, header included, in bytes.", 1024, gigabyte)),
  buffered_bytes_max: Schema.optionalKey(
    Count("Bytes received and not yet understood, per side of a session.", 1024, 2 * gigabyte)
  ),
  exchanges_in_flight_max: Schema.optionalKey(Count("Operations of a session asked and not yet answered.", 1, 65_536)),
  statements_max: Schema.optionalKey(Count("Named statements and portals that a session may keep.", 1, 1_000_000)),
  login_seconds: Schema.optionalKey(Count("From the accepted socket to a finished login.", 1, 3600)),
  idle_seconds: Schema.optionalKey(Count("Without a byte from the client while nothing runs.", 1, seconds_max)),
  sessions_max: Schema.optionalKey(Count("Sessions of this pipeline at one time.", 1, 1_000_000))
}).annotate({
  description: `Everything has a limit. The defaults: ${
    Object.entries(defaultLimits).map(([name, value]) => `${snake(name)} ${value}`).join(", ")
  }.`
})

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

export const PluginUse = Schema.Struct({
  ...Used("plugin").fields,
  on_error: Schema.optionalKey(
    Schema.Literals(["deny", "continue"]).annotate({
      description:
        "What a fault in the plugin means. `continue` works only for plugins that declare that they may fail open."
    })
  )
})

export const Pipeline = Schema.Struct({
  listen: Address("Where clients connect: `host:port`. Port 0 takes any that is free.", "required"),
  tls: ListenerTls,
  protocol: Used("protocol").annotate({ description: "What is spoken on this pipeline." }),
  upstream: Upstream,
  mode: Schema.Literals(["enforce", "shadow"]).annotate({
    description: "`enforce` (default) refuses; `shadow` records what would have been refused, and lets it pass."
  }).pipe(Schema.withDecodingDefaultKey(Effect.succeed("enforce" as const))),
  limits: Limits.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  plugins: Schema.Array(PluginUse).annotate({
    description: "In order: questions go down the list, answers climb back up it. One of them must say who is calling."
  })
}).annotate({ description: "One listener, one protocol, one upstream, and the plugins between them." })

export const Pipelines = Schema.Record(Name("The pipeline's name."), Pipeline).annotate({
  description: "The pipelines, by name."
})
export type Pipeline = typeof Pipeline.Type
