import { ACS, ENTITY } from "../identity-provider.ts"
import { type Recipes, swap } from "./case.ts"

const idp = `<saml:Issuer>${ENTITY}</saml:Issuer>`
const NAME = /<saml:NameID[^>]*>ann<\/saml:NameID>/
const CONFIRMATION = /<saml:SubjectConfirmation [\s\S]*<\/saml:SubjectConfirmation>/

/** What it says, well signed: about nobody, from another, for another, for another time. */
export const statements: Recipes = {
  ...Object.fromEntries(
    [`${ENTITY}/`, "HTTPS://idp.example", "https://idp.example.evil", `${ENTITY} `, "", "https://other.example"].map((
      issuer
    ) => [
      `the issuer ${JSON.stringify(issuer)}`,
      [{ say: { issuer } }, "another identity provider"] as const
    ])
  ),
  "no issuer": [{ before: swap(idp, "") }, "another identity provider"],
  "two issuers": [{ before: swap(idp, idp + idp) }, "another identity provider"],
  "a response from another": [{
    around: swap(
      "<samlp:Status>",
      "<Issuer xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\">https://other.example</Issuer><samlp:Status>"
    )
  }, "another identity provider"],
  ...Object.fromEntries(
    ["", " ", " ann", "ann ", "an&#10;n", "ann\u202e", "a\u200bnn", "x".repeat(256)].map((subject) => [
      `the name ${JSON.stringify(subject.slice(0, 12))}`,
      [{ say: { subject } }, "names nobody"] as const
    ])
  ),
  "an element in the name": [{ say: { subject: "ann<x xmlns=\"urn:x\">.evil</x>" } }, "names nobody"],
  "two names": [{ before: (xml) => xml.replace(NAME, (name) => name + name) }, "exactly one NameID"],
  "no name": [{ before: (xml) => xml.replace(NAME, "") }, "exactly one NameID"],
  "a name outside the subject": [{
    before: (xml) => xml.replace(NAME, "").replace("</saml:Subject>", () => `</saml:Subject>${NAME.exec(xml)![0]}`)
  }, "in its place"],
  "an encrypted name": [
    { before: swap("<saml:SubjectConfirmation ", "<saml:EncryptedID/><saml:SubjectConfirmation ") },
    "EncryptedID"
  ],
  "an encrypted attribute": [{
    before: swap("</saml:AttributeStatement>", "<saml:EncryptedAttribute/></saml:AttributeStatement>")
  }, "EncryptedAttribute"],
  "a name for one visit": [{ say: { format: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient" } }, "names nobody"],
  "groups that are elements": [{ before: swap(">analysts<", "><x xmlns=\"urn:x\">dbas</x><") }, "no plain text"],
  ...Object.fromEntries(
    ["holder-of-key", "sender-vouches", "Bearer", ""].map((method) => [
      `the confirmation ${JSON.stringify(method)}`,
      [{ before: swap("cm:bearer", `cm:${method}`) }, "one bearer confirmation"] as const
    ])
  ),
  "no confirmation": [{ before: (xml) => xml.replace(CONFIRMATION, "") }, "one bearer confirmation"],
  "two confirmations": [{ before: (xml) => xml.replace(CONFIRMATION, (one) => one + one) }, "one bearer confirmation"],
  "a confirmation without data": [
    { before: (xml) => xml.replace(/<saml:SubjectConfirmationData[^>]*>/, "") },
    "one bearer confirmation"
  ],
  ...Object.fromEntries(
    [
      `${ACS}/`,
      ACS.toUpperCase(),
      ACS.replace("http:", "https:"),
      `${ACS}?`,
      `${ACS}#`,
      ACS.replace("127.0.0.1", "localhost"),
      ""
    ].map((recipient) => [
      `the recipient ${JSON.stringify(recipient)}`,
      [{ say: { recipient } }, "another recipient"] as const
    ])
  ),
  "no recipient": [{ before: (xml) => xml.replace(/ Recipient="[^"]*"/, "") }, "another recipient"],
  "no end of the confirmation": [{
    before: (xml) => xml.replace(/(<saml:SubjectConfirmationData[^>]*) NotOnOrAfter="[^"]*"/, "$1")
  }, "not signed"],
  "no date as its end": [{
    before: (xml) =>
      xml.replace(/(<saml:SubjectConfirmationData[^>]*) NotOnOrAfter="[^"]*"/, "$1 NotOnOrAfter=\"never\"")
  }, "not signed"],
  "a confirmation that is over, in conditions that are not": [{
    before: (xml) =>
      xml.replace(
        /(<saml:SubjectConfirmationData[^>]*) NotOnOrAfter="[^"]*"/,
        "$1 NotOnOrAfter=\"2020-01-01T00:00:00Z\""
      )
  }, "expired"],
  "a confirmation that is not valid yet": [{
    before: swap("<saml:SubjectConfirmationData ", "<saml:SubjectConfirmationData NotBefore=\"2999-01-01T00:00:00Z\" ")
  }, "not valid yet"],
  "a confirmation that is valid from no date": [{
    before: swap("<saml:SubjectConfirmationData ", "<saml:SubjectConfirmationData NotBefore=\"soon\" ")
  }, "not signed"],
  "conditions that are over": [{
    before: (xml) =>
      xml.replace(/(<saml:Conditions[^>]*) NotOnOrAfter="[^"]*"/, "$1 NotOnOrAfter=\"2020-01-01T00:00:00Z\"")
  }, "expired"],
  "over for longer than the skew": [
    { say: { notBefore: Date.now() - 300_000, notOnOrAfter: Date.now() - 31_000 } },
    "expired"
  ],
  "no request": [{ say: { inResponseTo: undefined } }, "Nobody asked for this assertion\\. Log in"],
  "another's request": [{ say: { inResponseTo: `_${"0".repeat(40)}` } }, "Nobody asked"],
  "a request of another form": [{ say: { inResponseTo: "../request" } }, "Nobody asked"],
  "a request of another form, that waits": [
    { say: { inResponseTo: "../request" }, waiting: "../request" },
    "Nobody asked"
  ],
  "one request in the response, another in the assertion": [{
    around: swap("<samlp:Response ", `<samlp:Response InResponseTo="_${"0".repeat(40)}" `)
  }, "several requests"],
  ...Object.fromEntries(
    ["http://127.0.0.1:7444/saml/metadata/", "HTTP://127.0.0.1:7444/saml/metadata", "http://127.0.0.1:7444", ACS, ""]
      .map((audience) => [
        `the audience ${JSON.stringify(audience)}`,
        [{ say: { audience } }, "audience"] as const
      ])
  ),
  "no audience": [
    { before: (xml) => xml.replace(/<saml:AudienceRestriction>[\s\S]*<\/saml:AudienceRestriction>/, "") },
    "audience"
  ],
  "a second restriction to another audience": [{
    before: swap(
      "</saml:Conditions>",
      "<saml:AudienceRestriction><saml:Audience>urn:other</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
    )
  }, "audience"],
  "no conditions": [
    { before: (xml) => xml.replace(/<saml:Conditions[\s\S]*<\/saml:Conditions>/, "") },
    "exactly one Conditions"
  ],
  "two sets of conditions": [{
    before: (xml) => xml.replace(/<saml:Conditions[\s\S]*<\/saml:Conditions>/, (one) => one + one)
  }, "exactly one Conditions"],
  "a condition that nobody knows": [{
    before: swap(
      "</saml:Conditions>",
      "<saml:Condition xmlns:x=\"urn:x\" x:type=\"x:Only\"/></saml:Conditions>"
    )
  }, "not understood"],
  "a session that is over": [{
    before: swap(
      "<saml:AttributeStatement>",
      "<saml:AuthnStatement SessionNotOnOrAfter=\"2020-01-01T00:00:00Z\"/><saml:AttributeStatement>"
    )
  }, "is over"],
  "a session that ends at no date": [{
    before: swap(
      "<saml:AttributeStatement>",
      "<saml:AuthnStatement SessionNotOnOrAfter=\"later\"/><saml:AttributeStatement>"
    )
  }, "is over"],
  ...Object.fromEntries(
    ["Requester", "Responder", "AuthnFailed", "success", ""].map((code) => [
      `the status ${JSON.stringify(code)}`,
      [{ around: swap("status:Success", `status:${code}`) }, "did not let this login succeed"] as const
    ])
  ),
  "no status": [
    { around: (xml) => xml.replace(/<samlp:Status>.*<\/samlp:Status>/, "") },
    "did not let this login succeed"
  ],
  "two statuses": [{
    around: swap(
      "</samlp:Status>",
      "<samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:AuthnFailed\"/></samlp:Status>"
    )
  }, "did not let this login succeed"],
  "SAML 1.1": [{ before: swap("Version=\"2.0\"", "Version=\"1.1\"") }, "not of SAML 2.0"],
  "a response of SAML 1.1": [{ around: swap("Version=\"2.0\"", "Version=\"1.1\"") }, "not of SAML 2.0"],
  ...Object.fromEntries(
    [`${ACS}/`, ACS.toUpperCase(), ACS.replace("7444", "7445"), ""].map((destination) => [
      `the destination ${JSON.stringify(destination)}`,
      [
        { around: (xml: string) => xml.replace(/Destination="[^"]*"/, `Destination="${destination}"`) },
        "another destination"
      ] as const
    ])
  )
}
