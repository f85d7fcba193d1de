import { SHA1 } from "../identity-provider.ts"
import { type Recipes, swap } from "./case.ts"

/** XML that parsers mend, each in its way: what a look at the text does not see, they do. */
export const markup: Recipes = {
  "SHA-1, its name without quotes": [
    { signing: { algorithms: SHA1 }, after: (xml) => xml.replaceAll(/Algorithm="([^"]*sha1)"/g, "Algorithm=$1 ") },
    "plain elements"
  ],
  "SHA-1, its name without `=`": [
    { signing: { algorithms: SHA1 }, after: (xml) => xml.replaceAll(/Algorithm="([^"]*sha1)"/g, "Algorithm\"$1\"") },
    "plain elements"
  ],
  "SHA-1, its name with a reference": [
    { signing: { algorithms: SHA1 }, after: (xml) => xml.replaceAll("sha1\"", "sha&#49;\"") },
    "algorithm"
  ],
  "another destination without quotes": [{
    after: (xml) => xml.replace(/Destination="[^"]*"/, "Destination=https://other.example/acs ")
  }, "plain elements"],
  "a second assertion behind U+0080": [{
    after: swap(
      "<samlp:Status>",
      "<a:Assertion\u0080ID=\"_e\" xmlns:a=\"urn:oasis:names:tc:SAML:2.0:assertion\"></a:Assertion><samlp:Status>"
    )
  }, "plain elements"],
  "an attribute twice": [{ after: swap(" Destination=", " Version=\"2.0\" Destination=") }, "plain elements"],
  "an end tag with more in it": [{ after: swap("</samlp:Status>", "</samlp:Status x>") }, "plain elements"],
  "an end tag of another case": [{ after: swap("</samlp:Status>", "</samlp:status>") }, "plain elements"],
  "an element that is not closed": [
    { after: swap("<samlp:Status>", "<samlp:Extensions><samlp:Status>") },
    "plain elements"
  ],
  "a response that is not closed": [{ after: swap("</samlp:Response>", "") }, "plain elements"],
  "a name with two colons": [{ after: swap("<samlp:Status>", "<a:b:Assertion/><samlp:Status>") }, "plain elements"],
  "a `<` in a value": [
    { after: swap(" Destination=\"", " Consent=\"<saml:Assertion>\" Destination=\"") },
    "plain elements"
  ],
  "a reference that nobody declared": [{
    after: swap("<samlp:Status>", "<samlp:Extensions>&nbsp;</samlp:Extensions><samlp:Status>")
  }, "plain elements"],
  "a reference in a value that nobody declared": [
    { after: swap(" Destination=\"", " Consent=\"&x;\" Destination=\"") },
    "plain elements"
  ],
  "an ampersand alone": [
    { after: swap("<samlp:Status>", "<samlp:Extensions>a & b</samlp:Extensions><samlp:Status>") },
    "plain elements"
  ],
  "text behind the response": [{ after: (xml) => `${xml}x` }, "plain elements"],
  "text before it": [{ after: (xml) => `x${xml}` }, "plain elements"],
  "two responses": [{ after: (xml) => `${xml}<x/>` }, "plain elements"],
  "65 levels": [{
    after: swap(
      "<samlp:Status>",
      `<samlp:Extensions>${"<a>".repeat(64)}${"</a>".repeat(64)}</samlp:Extensions><samlp:Status>`
    )
  }, "plain elements"],
  "a declaration of XML 1.1": [{ after: (xml) => `<?xml version="1.1"?>${xml}` }, "processing"],
  "a declaration of UTF-16": [{ after: (xml) => `<?xml version="1.0" encoding="UTF-16"?>${xml}` }, "processing"],
  "a processing instruction in NameID": [{ after: swap(">ann<", ">ann<?x?><") }, "processing"],
  "a CDATA section in NameID": [{ after: swap(">ann<", "><![CDATA[ann]]><") }, "CDATA"],
  "a comment in an attribute's value": [{ after: swap(">analysts<", ">analysts<!---->.evil<") }, "comment"],
  "a billion laughs": [
    { after: (xml) => `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol1 "&lol;&lol;">]>${xml}` },
    "document type"
  ],
  "a document type from elsewhere": [
    { after: (xml) => `<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">${xml}` },
    "document type"
  ],
  "a parameter entity": [
    { after: (xml) => `<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]>${xml}` },
    "document type"
  ],
  "an inclusion": [{
    after: swap(
      "<samlp:Status>",
      "<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" ID=\"_r1\" href=\"file:///etc/passwd\"/><samlp:Status>"
    )
  }, "two things alike"],
  "a namespace with a relative name": [
    { after: swap(" Destination=\"", " xmlns:x=\"1\" Destination=\"") },
    "relative name"
  ],
  "a prefix without a namespace": [{ after: swap(" Destination=\"", " xmlns:x=\"\" Destination=\"") }, "relative name"]
}

/** Names by which elements are found, taken twice. */
export const names: Recipes = Object.fromEntries(
  ["ID", "Id", "id", "iD", "xml:id", "samlp:ID"].map((name) => [
    `the assertion's ID again as ${name}`,
    [{
      around: (xml: string, { id }: { readonly id?: string }) =>
        xml.replace("<samlp:Status>", `<samlp:Extensions ${name}="${id}"/><samlp:Status>`)
    }, "two things alike"] as const
  ])
)

/** Another message than a response. */
export const messages: Recipes = {
  "an assertion alone": [
    { after: (xml) => /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(xml)![0] },
    "exactly one Response"
  ],
  "a response in an envelope": [{
    after: (xml) =>
      `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${xml}</s:Body></s:Envelope>`
  }, "exactly one Response"],
  "an answer to a logout": [
    { after: (xml) => xml.replaceAll("samlp:Response", "samlp:LogoutResponse") },
    "exactly one Response"
  ],
  "a request": [{ after: (xml) => xml.replaceAll("samlp:Response", "samlp:AuthnRequest") }, "exactly one Response"],
  "an assertion in the extensions": [{
    around: (xml) =>
      xml.replace("<saml:Assertion", "<samlp:Extensions><saml:Assertion").replace(
        "</saml:Assertion>",
        "</saml:Assertion></samlp:Extensions>"
      )
  }, "in its place"],
  "an assertion in an advice": [{
    before: swap(
      "<saml:AttributeStatement>",
      "<saml:Advice><saml:Assertion ID=\"_x\" Version=\"2.0\"/></saml:Advice><saml:AttributeStatement>"
    )
  }, "exactly one Assertion"],
  "an encrypted assertion beside": [{
    around: swap(
      "<samlp:Status>",
      "<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"/><samlp:Status>"
    )
  }, "EncryptedAssertion"]
}
