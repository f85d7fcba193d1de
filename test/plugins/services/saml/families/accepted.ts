import { SHA512 } from "../identity-provider.ts"
import { type Bench, type Case, made, type Recipe, swap } from "./case.ts"

const GROUPS = "<saml:Attribute Name=\"groups\"><saml:AttributeValue>analysts</saml:AttributeValue></saml:Attribute>"

/** What honest providers send, in all its variety: the controls of everything that is refused. */
export const accepted = (bench: Bench): ReadonlyArray<Case> => {
  const now = Date.now()
  const recipes: Readonly<Record<string, Recipe>> = {
    "a plain one": { groups: ["analysts"] },
    "signed with SHA-512": { signing: { algorithms: SHA512 } },
    "signed with the provider's next key": { by: bench.next },
    "with its certificate beside": { signing: { withKeyInfo: true } },
    "with a prefix list": {
      signing: { prefixes: ["xs"] },
      before: swap("<saml:Assertion ", "<saml:Assertion xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" ")
    },
    "with another's certificate beside a good signature": {
      after: swap(
        "</SignatureValue>",
        "</SignatureValue><KeyInfo><X509Data><X509Certificate>AAAA</X509Certificate></X509Data></KeyInfo>"
      )
    },
    "with a declaration": { after: (xml) => `<?xml version="1.0" encoding="UTF-8"?>\n${xml}` },
    "in single quotes": { after: (xml) => xml.replace(/ Destination="([^"]*)"/, " Destination='$1'") },
    "with space between attributes": { after: swap(" Destination=\"", "\n\t Destination = \"") },
    "from who it says": {
      around: swap(
        "<samlp:Status>",
        "<a:Issuer xmlns:a=\"urn:oasis:names:tc:SAML:2.0:assertion\">https://idp.example</a:Issuer><samlp:Status>"
      )
    },
    "to the request, in both places": {
      around: (xml, { inResponseTo }) =>
        xml.replace("<samlp:Response ", `<samlp:Response InResponseTo="${inResponseTo}" `)
    },
    "without a destination": { after: (xml) => xml.replace(/ Destination="[^"]*"/, "") },
    "with a session that goes on": {
      before: swap(
        "<saml:AttributeStatement>",
        `<saml:AuthnStatement AuthnInstant="${new Date(now).toISOString()}" SessionNotOnOrAfter="${
          new Date(now + 3.6e6).toISOString()
        }"/><saml:AttributeStatement>`
      )
    },
    "for one use": { before: swap("</saml:Conditions>", "<saml:OneTimeUse/></saml:Conditions>") },
    "with a limit for proxies": {
      before: swap("</saml:Conditions>", "<saml:ProxyRestriction Count=\"0\"/></saml:Conditions>")
    },
    "for several audiences": {
      before: swap("<saml:Audience>", "<saml:Audience>https://other.example</saml:Audience><saml:Audience>")
    },
    "over for less than the skew": { say: { notBefore: now - 300_000, notOnOrAfter: now - 10_000 } },
    "not valid for less than the skew": { say: { notBefore: now + 20_000, notOnOrAfter: now + 7.2e6 } },
    "with a group in each attribute": {
      before: swap(GROUPS, GROUPS + GROUPS.replace("analysts", "dbas")),
      groups: ["analysts", "dbas"]
    },
    "with several groups in one": { say: { groups: ["a", "b &amp; c"] }, groups: ["a", "b & c"] },
    "with groups in several statements": {
      before: swap(
        "</saml:AttributeStatement>",
        `</saml:AttributeStatement><saml:AttributeStatement>${
          GROUPS.replace("analysts", "dbas")
        }</saml:AttributeStatement>`
      ),
      groups: ["analysts", "dbas"]
    },
    "with no groups": { say: { groups: [] }, groups: [] },
    "with an empty group": { say: { groups: ["", "a"] }, groups: ["a"] },
    "with attributes of unkind names": {
      before: swap(
        GROUPS,
        `${GROUPS}<saml:Attribute Name="__proto__"><saml:AttributeValue>x</saml:AttributeValue></saml:Attribute><saml:Attribute Name="Groups"><saml:AttributeValue>root</saml:AttributeValue></saml:Attribute>`
      ),
      groups: ["analysts"]
    },
    "with namespaces taken back": { before: swap("<saml:AttributeValue>", "<saml:AttributeValue xmlns=\"\">") },
    "about a name of another script": { say: { subject: "Ænne &amp; 山田" } },
    "signed as a whole, and in part": { after: (xml) => xml }
  }
  return Object.entries(recipes).map(([name, recipe]) =>
    made(bench, name, { ...recipe, say: { notOnOrAfter: now + 7.2e6, ...recipe.say } })
  )
}
