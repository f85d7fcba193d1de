import type { PipelinePlan, Plan } from "../../core/gateway/plan.ts"
import { canonical } from "../canonical.ts"
import type { Unjudged } from "./difference-text.ts"

/** What may matter for who sees what, and is no part of the policy: options of plugins, addresses, credentials. */
export const unjudgedIn = (old: Plan, next: Plan): Unjudged => {
  const before = new Map(old.pipelines.map((pipeline) => [pipeline.name, pipeline]))
  return next.pipelines.flatMap((pipeline) => {
    const other = before.get(pipeline.name)
    if (other === undefined) return [`pipeline ${pipeline.name} is new: see its rows above`]
    return Object.entries(parts).flatMap(([name, part]) =>
      canonical(part(pipeline)) === canonical(part(other)) ? [] : [`pipelines.${pipeline.name}.${name}`]
    )
  })
}

const parts: Readonly<Record<string, (pipeline: PipelinePlan) => unknown>> = {
  protocol: ({ protocol, protocolConfig }) => ({ name: protocol.name, protocolConfig }),
  "upstream.address": ({ upstream: { host, port } }) => ({ host, port }),
  "upstream.database": ({ upstream: { database } }) => ({ database }),
  "upstream.credential": ({ upstream: { credential } }) => ({ credential }),
  "upstream.tls": ({ upstream: { authority, tls } }) => ({ authority: authority === undefined, tls }),
  plugins: ({ plugins }) => plugins.map(({ config, onError, use }) => ({ use, config, onError }))
}
