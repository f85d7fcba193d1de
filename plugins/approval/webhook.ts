import { createHmac } from "node:crypto"
import type { Onlookers } from "../../core/index.ts"
import { inertLine } from "./inert.ts"
import type { Request } from "./request.ts"
import type { Webhook } from "./service-config.ts"
import { dataSetsOf } from "./shown.ts"
import { instant } from "./view-json.ts"

/** A message that is ready to leave. */
export interface Message {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * What a webhook is told of a request: that there is one, and where to look. Who asks for which data is told only where
 * the policy lets that data be; what would run is told nowhere. Whoever follows the link logs in there: a message alone
 * decides nothing.
 */
export const noteOf = (request: Request, hook: Webhook, onlookers: Onlookers["Service"], now: number) => {
  const { id, rules, shown, until } = request
  const dataSets = dataSetsOf(shown)
  const sight = { pipeline: shown.pipeline, dataSets, now }
  const allowed = hook.at !== undefined && onlookers.refusalAt(hook.at, sight) === undefined
  return {
    version: 1,
    event: "approval.requested",
    id,
    pipeline: shown.pipeline,
    until: instant(until),
    approvers: rules.approvers,
    quorum: rules.quorum,
    ...(hook.page === undefined ? {} : { link: `${hook.page.replace(/\/$/, "")}/requests/${id}` }),
    about: allowed
      ? {
        who: shown.who.map(({ subject }) => inertLine(subject)),
        kind: shown.kind,
        data_sets: dataSets,
        from: shown.from,
        sinks: shown.sinks
      }
      : undefined
  }
}

export type Note = ReturnType<typeof noteOf>

/** A note in the form that a webhook takes, signed where there is a secret. `now` in milliseconds. */
export const messageOf = (note: Note, hook: Webhook, secret: string | undefined, now: number): Message => {
  const body = JSON.stringify(hook.format === "slack" ? slackOf(note) : note)
  const time = String(Math.floor(now / 1000))
  return {
    body,
    headers: {
      "content-type": "application/json",
      "user-agent": "sluice",
      "sluice-delivery": note.id,
      ...(secret === undefined ? {} : { "sluice-timestamp": time, "sluice-signature": signatureOf(secret, time, body) })
    }
  }
}

/** HMAC-SHA256 over `TIME.BODY`: whoever checks it also looks that the time is a recent one. */
export const signatureOf = (secret: string, time: string, body: string): string =>
  `v1=${createHmac("sha256", secret).update(`${time}.${body}`).digest("hex")}`

/** As Slack's incoming webhooks take it. */
const slackOf = (note: Note) => {
  const { about } = note
  const lines = [
    `*Approval needed*: \`${note.id}\` on \`${mrkdwn(note.pipeline)}\`, until ${note.until}`,
    ...(about === undefined ? [] : [
      `${about.who.map(mrkdwn).join(" through ")} · ${about.kind} · ${about.data_sets.map(mrkdwn).join(", ")} · from ${
        mrkdwn(about.from)
      } to ${[...new Set(about.sinks.map(({ at }) => at))].map(mrkdwn).join(", ")}`
    ]),
    note.link === undefined
      ? `\`sluice approvals show ${note.id}\``
      : `<${note.link}|Look and decide> (you log in there)`
  ]
  return {
    text: `Approval needed: ${note.id}`,
    blocks: [{ type: "section", text: { type: "mrkdwn", text: lines.join("\n") } }]
  }
}

/** Slack's own escapes, and what would format or mention. */
const mrkdwn = (text: string): string =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/[*_~`@]/g, "\u00b7")
