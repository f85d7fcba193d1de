import { escapeMarkup, guardedHeaders, type WebAnswer } from "../../../core/index.ts"

const GUARDED = guardedHeaders({ forms: "'none'", referrer: "no-referrer" })

const page = (status: number, title: string, main: string): WebAnswer => ({
  status,
  headers: { ...GUARDED, "content-type": "text/html; charset=utf-8" },
  body: `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title} · Sluice</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><h1>${title}</h1>${main}</body></html>
`
})

/**
 * Shows a token, and whose it is: somebody else's page may have brought the browser here, after a login of its own.
 * Nothing keeps it: whoever closes the page logs in again.
 */
export const tokenPage = (token: string, subject: string, seconds: number): WebAnswer =>
  page(
    200,
    "Your token",
    `<p>You are logged in as <strong>${escapeMarkup(subject)}</strong>. If that is not you, do not use it.</p>
<p>Use it as the password. It is shown once, and is valid for ${seconds} seconds.</p>
<textarea id="token" rows="12" cols="72" readonly autofocus>${escapeMarkup(token)}</textarea>`
  )

export const messagePage = (status: number, title: string, message: string): WebAnswer =>
  page(status, title, `<p role="alert">${escapeMarkup(message)}</p><p><a href="/saml/login">Log in</a></p>`)

export const redirect = (to: string): WebAnswer => ({ status: 302, headers: { ...GUARDED, location: to }, body: "" })

/** What the identity provider is told about this gateway (SAML 2.0 metadata). */
export const metadata = (entity: string, consumer: string): WebAnswer => ({
  status: 200,
  headers: { ...GUARDED, "content-type": "application/samlmetadata+xml; charset=utf-8" },
  body: `<?xml version="1.0"?>
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${escapeMarkup(entity)}">
  <SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true"
    protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <AssertionConsumerService index="0" isDefault="true"
      Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${escapeMarkup(consumer)}"/>
  </SPSSODescriptor>
</EntityDescriptor>
`
})
