import type { View, Visitor } from "../desk.ts"
import { isOver, type Request } from "../request.ts"
import { dataSetsOf } from "../shown.ts"
import { html, type Markup } from "./html.ts"

/** A visitor of the page, and the word that their forms carry. */
export interface Guest {
  readonly visitor: Visitor
  readonly word: string
}

const frame = (title: string, guest: Guest | undefined, main: Markup, refresh?: string): string =>
  html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title} · Sluice</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/style.css">
${refresh === undefined ? undefined : html`<meta http-equiv="refresh" content="${refresh}">`}</head>
<body><header><span class="mark" aria-hidden="true"></span><b><a href="/">Sluice approvals</a></b><nav>${
    guest === undefined ? undefined : html`<span>${guest.visitor.principal.subject}</span>
<form method="post" action="/logout">${hidden(guest)}<button class="plain">Log out</button></form>`
  }</nav></header><main>${main}</main></body></html>`.text

const hidden = ({ word }: Guest): Markup => html`<input type="hidden" name="word" value="${word}">`

/** `start`: where a login at the issuer begins; undefined where there is none. */
export const loginPage = (message?: string, start?: string): string =>
  frame(
    "Log in",
    undefined,
    html`<div class="card login"><h1>Who decides?</h1>
${message === undefined ? undefined : html`<p class="note" role="alert">${message}</p>`}
${
      start === undefined
        ? undefined
        : html`<p class="actions"><a class="button" href="${start}">Log in at your issuer</a></p><h2>Or with a token</h2>`
    }<p class="soft">Log in with a token of your own. It is kept for as long as it is valid, at most fifteen minutes, and in no browser storage.</p>
<form method="post" action="/login"><label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="off" spellcheck="false" required${
      start === undefined ? html` autofocus` : undefined
    }>
<div class="actions"><button${
      start === undefined ? undefined : html` class="plain"`
    }>Log in</button></div></form></div>`
  )

/**
 * Leads on from where the issuer led to. A page and no redirect: for a browser that another site sent, the cookie of
 * whoever is in would stay behind.
 */
export const arrivedPage = (to: string): string =>
  frame("Logged in", undefined, html`<h1>Logged in</h1><p><a href="${to}">Go on</a></p>`, `0; url=${to}`)

export const messagePage = (title: string, message: string, guest?: Guest): string =>
  frame(
    title,
    guest,
    html`<h1>${title}</h1><p class="note" role="alert">${message}</p><p><a href="/">All requests</a></p>`
  )

const LIST_SECONDS = 5

export const listPage = (guest: Guest, views: ReadonlyArray<View>): string =>
  frame(
    "Requests",
    guest,
    html`<h1>Waiting for a yes</h1>${
      views.length === 0
        ? html`<div class="card"><p>Nothing waits for you.</p><p class="soft small">This page looks again every few seconds.</p></div>`
        : html`<div class="card"><table><thead><tr><th>Request</th><th>Who</th><th>Data</th><th>Goes to</th><th>What</th></tr></thead>
<tbody>${views.map(row)}</tbody></table></div>`
    }`,
    `${LIST_SECONDS}`
  )

const row = ({ alike, hidden: secret, request: { id, shown, status } }: View): Markup =>
  html`<tr><td><a href="/requests/${id}">${id}</a><br><span class="status small ${status}">${status}</span></td>
<td>${shown.who.map(({ subject }) => subject).join(" through ")}</td><td>${chips(dataSetsOf(shown))}</td>
<td>${placesOf(shown).join(", ")}</td><td class="what">${
    secret === undefined ? oneLine(shown.text) : "not shown to you"
  }${alike > 1 ? html`<br><span class="soft">${alike} alike</span>` : undefined}</td></tr>`

const ROW_CHARACTERS_MAX = 90
const oneLine = (text: string): string => {
  const line = text.replace(/\s+/g, " ").trim()
  return line.length > ROW_CHARACTERS_MAX ? `${line.slice(0, ROW_CHARACTERS_MAX)} … (${text.length} characters)` : line
}

/** To the second: a page is for people. */
const instant = (milliseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(0, 19).replace("T", " ")} UTC`

/** Where it would be seen beyond the place where it is. */
const placesOf = ({ from, sinks }: Request["shown"]): ReadonlyArray<string> => {
  const places = [...new Set(sinks.map(({ at }) => at).filter((at) => at !== from))]
  return places.length === 0 ? [from] : places
}
const chips = (names: ReadonlyArray<string>): ReadonlyArray<Markup> =>
  names.map((name) => html`<span class="chip">${name}</span>`)

export const requestPage = (guest: Guest, view: View, message?: string): string => {
  const { alike, request } = view
  const { binding, id, rules, shown, status, until, votes } = request
  return frame(
    id,
    guest,
    html`<h1>${id}</h1><p><span class="status ${status}">${status}</span> <span class="soft">· asked ${
      instant(request.at)
    }${status === "pending" ? html` · ends ${instant(until)}` : undefined}</span></p>
${message === undefined ? undefined : html`<p class="note" role="alert">${message}</p>`}
<div class="card"><div class="flow"><div class="place"><span class="soft small">from</span><strong>${shown.from}</strong>
<span class="soft small">${shown.pipeline} · ${shown.address}</span></div><span class="arrow" aria-hidden="true">→</span>
<div class="place"><span class="soft small">to</span><strong>${placesOf(shown).join(", ")}</strong>
<span class="soft small">${
      shown.sinks.filter(({ at }) => at !== shown.from).map(({ sink }) => sink).join(", ") || "nobody elsewhere"
    }</span></div></div></div>
<div class="card"><dl><dt>Asked by</dt><dd>${
      shown.who.map(({ issuer, subject }, i) =>
        html`${i > 0 ? " through " : undefined}<b>${subject}</b> <span class="soft small">${issuer}</span>`
      )
    }</dd><dt>Reads</dt><dd>${chips(shown.reads)}</dd>${
      shown.writes.length === 0 ? undefined : html`<dt>Writes</dt><dd>${chips(shown.writes)}</dd>`
    }${
      shown.carries === undefined ? undefined : html`<dt>Has seen before</dt><dd>${chips(shown.carries)}</dd>`
    }<dt>Operation</dt><dd>${shown.kind}</dd><dt>Because</dt><dd>${shown.why.map((why) => html`<div>${why}</div>`)}</dd>
<dt>Seen by</dt><dd>${shown.sinks.map(({ at, sink }) => html`<span class="chip">${sink} at ${at}</span>`)}</dd>
<dt>Approvals</dt><dd>${votes.length} of ${rules.quorum}, by ${rules.approvers.join(", ")}${
      votes.map(({ by, reason }) =>
        html`<div class="small">${by.subject}${reason === undefined ? undefined : html`: ${reason}`}</div>`
      )
    }</dd></dl></div>
${
      alike > 1
        ? html`<p class="note">${alike} open requests look like this one. Each is decided for itself.</p>`
        : undefined
    }
${runs(view)}${decide(guest, view)}
<p class="soft small">Digest of everything that a yes rests on: <code>${binding}</code></p>`
  )
}

const runs = ({ hidden: secret, request: { shown } }: View): Markup =>
  secret !== undefined
    ? html`<h2>What would run</h2><p class="note">It is not shown to you: ${secret}</p>`
    : html`<h2>What would run · ${shown.text.length} characters, in full</h2><pre id="text">${shown.text}</pre>${
      shown.parameters.length === 0
        ? undefined
        : html`<h2>With these values</h2><pre>${
          shown.parameters.map((value, i) =>
            html`$${i + 1} = ${value === null ? "NULL" : `'${value}'`}
`
          )
        }</pre>`
    }${
      shown.asked === undefined
        ? undefined
        : html`<h2>What was asked, before the gateway rewrote it</h2><pre>${shown.asked}</pre>`
    }`

const decide = (guest: Guest, { barred, hidden: secret, request }: View): Markup => {
  if (isOver(request)) return html``
  if (barred !== undefined) return html`<p class="note">You cannot decide on this: ${barred}</p>`
  const { binding, id, rules } = request
  return html`<form class="card" method="post" action="/requests/${id}">${hidden(guest)}
<input type="hidden" name="binding" value="${binding}"><label for="reason">Reason${
    rules.reason_required ? "" : " (if you like)"
  }</label>
<textarea id="reason" name="reason" rows="2" maxlength="2000"></textarea><div class="actions">${
    secret === undefined && request.status === "pending"
      ? html`<button class="yes" name="decision" value="approve">Approve, once</button>`
      : undefined
  }<button class="no" name="decision" value="deny">Deny</button>
<span class="soft small">What runs is exactly what is shown here.</span></div></form>`
}
