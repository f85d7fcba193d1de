import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { defineService, OwnIssuer, pluginError, State, Web } from "../../../core/index.ts"
import { addressOf, SamlConfig } from "./config.ts"
import { readCertificates } from "./provider.ts"
import { Requests } from "./request.ts"
import { Site } from "./site.ts"
import { openMint } from "./token.ts"

const TIDY_MILLISECONDS = 60_000
/** 128 KiB of XML, in base64 and percent-encoded at its worst. */
const BODY_BYTES_MAX = 600_000

/** `use: saml`: people log in at a SAML 2.0 identity provider, and get a token that the gateway itself signs. */
export const saml = defineService({
  name: "saml",
  config: SamlConfig,
  provides: OwnIssuer,
  requires: [Web, State],
  layer: (config, { directory }) =>
    Layer.effect(
      OwnIssuer,
      Effect.gen(function*() {
        const certificates = yield* Effect.try({
          try: () => readCertificates(directory, config.provider.certificate_file),
          catch: (cause) =>
            pluginError("saml", `certificate_file cannot be used: ${wordsOf(cause)}. Give the PEM of the provider.`)
        })
        const mint = yield* Effect.tryPromise({
          try: () => openMint(config.token, directory),
          catch: (cause) => pluginError("saml", `key_file or jwks_file cannot be used: ${wordsOf(cause)}.`)
        })
        const requests = new Requests(yield* State)
        const site = new Site({ config, certificates, requests, mint, now: Date.now })
        const tls = config.tls === undefined ? undefined : { ...config.tls, directory }
        const web = yield* Web
        yield* web.serve(
          { ...addressOf(config.listen)!, tls, bodyBytesMax: BODY_BYTES_MAX },
          (request) => site.answer(request)
        )
        yield* Effect.forkScoped(
          Effect.forever(
            Effect.andThen(
              Effect.ignore(Effect.suspend(() => requests.tidy(Date.now()))),
              Effect.sleep(TIDY_MILLISECONDS)
            )
          )
        )
        yield* Effect.logInfo(`People log in at ${config.address}/saml/login`)
        return { issuer: config.token.issuer }
      })
    )
})
export default saml

const wordsOf = (cause: unknown): string =>
  cause instanceof Error ? (cause as { readonly code?: string }).code ?? cause.message : "unreadable"
