import { execFileSync } from "node:child_process"
import { createRequire } from "node:module"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { SignedXml as Signer } from "xml-crypto"
import type { SamlConfig } from "../../../../plugins/services/saml/config.ts"

// It comes with node-saml.
const { SignedXml } = createRequire(createRequire(import.meta.url).resolve("@node-saml/node-saml"))("xml-crypto") as {
  readonly SignedXml: typeof Signer
}

export const ENTITY = "https://idp.example"
export const GATEWAY = "http://127.0.0.1:7444"
export const ACS = `${GATEWAY}/saml/acs`

/** A gateway that trusts this provider, by its certificate in `idp.crt`. */
export const config: SamlConfig = {
  listen: "127.0.0.1:7444",
  address: GATEWAY,
  provider: { entity_id: ENTITY, login: "https://idp.example/sso", certificate_file: "idp.crt" },
  groups_attribute: "groups",
  clock_skew_seconds: 30,
  logins_per_minute: 1000,
  token: { issuer: `${GATEWAY}/`, audience: "sluice", seconds: 300, key_file: "saml.key", jwks_file: "jwks.json" }
}

const DSIG = "http://www.w3.org/2000/09/xmldsig#"
const SHA256 = {
  signature: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
  digest: "http://www.w3.org/2001/04/xmlenc#sha256"
}
export const SHA512 = {
  signature: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
  digest: "http://www.w3.org/2001/04/xmlenc#sha512"
}
const TRANSFORMS = [`${DSIG}enveloped-signature`, "http://www.w3.org/2001/10/xml-exc-c14n#"]
export const SHA1 = { signature: `${DSIG}rsa-sha1`, digest: `${DSIG}sha1` }

/** What an assertion says; the rest is as it must be. */
export interface Said {
  readonly subject?: string
  readonly format?: string
  readonly id?: string
  readonly issuer?: string
  readonly audience?: string
  readonly recipient?: string
  readonly inResponseTo?: string | undefined
  readonly notBefore?: number
  readonly notOnOrAfter?: number
  readonly groups?: ReadonlyArray<string>
}

const at = (milliseconds: number): string => new Date(milliseconds).toISOString()

export const assertionXml = (said: Said): string => {
  const { audience = `${GATEWAY}/saml/metadata`, groups = ["analysts"], id = "_a1", issuer = ENTITY } = said
  const { format = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress", recipient = ACS, subject = "ann" } = said
  const { notBefore = Date.now() - 5000, notOnOrAfter = Date.now() + 120_000 } = said
  const asked = said.inResponseTo === undefined ? "" : ` InResponseTo="${said.inResponseTo}"`
  const values = groups.map((group) => `<saml:AttributeValue>${group}</saml:AttributeValue>`).join("")
  return `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id}" Version="2.0" IssueInstant="${
    at(Date.now())
  }"><saml:Issuer>${issuer}</saml:Issuer><saml:Subject><saml:NameID Format="${format}">${subject}</saml:NameID>`
    + `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData Recipient="${recipient}" NotOnOrAfter="${
      at(notOnOrAfter)
    }"${asked}/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${at(notBefore)}" NotOnOrAfter="${
      at(notOnOrAfter)
    }"><saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>`
    + `<saml:AttributeStatement><saml:Attribute Name="groups">${values}</saml:Attribute></saml:AttributeStatement></saml:Assertion>`
}

export const responseXml = (inner: string, destination = ACS, id = "_r1"): string =>
  `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="${id}" Version="2.0" IssueInstant="${
    at(Date.now())
  }" Destination="${destination}"><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>${inner}</samlp:Response>`

export interface Key {
  readonly privateKey: string
  readonly certificate: string
  readonly certificateFile: string
}

/** A key with a certificate of its own, in `directory`. Needs openssl. */
export const makeKey = (directory: string, name: string): Key => {
  const [key, certificateFile] = [join(directory, `${name}.key`), join(directory, `${name}.crt`)]
  const words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", `/CN=${name}`]
  execFileSync("openssl", [...words, "-keyout", key, "-out", certificateFile], { stdio: "pipe" })
  return { privateKey: readFileSync(key, "utf8"), certificate: readFileSync(certificateFile, "utf8"), certificateFile }
}

export interface SignOptions {
  readonly algorithms?: { readonly signature: string; readonly digest: string }
  readonly transforms?: ReadonlyArray<string>
  /** What `InclusiveNamespaces` lists. */
  readonly prefixes?: ReadonlyArray<string>
  readonly withKeyInfo?: boolean
}

/** Signs the element with that local name and puts the signature first in it; `withKeyInfo` adds the certificate. */
export const sign = (
  xml: string,
  element: "Assertion" | "Response",
  key: Key,
  { algorithms = SHA256, prefixes = [], transforms = TRANSFORMS, withKeyInfo = false }: SignOptions = {}
): string => {
  const xpath = `//*[local-name(.)='${element}']`
  const signed = new SignedXml({
    privateKey: key.privateKey,
    ...(withKeyInfo ? { publicCert: key.certificate } : {}),
    signatureAlgorithm: algorithms.signature,
    canonicalizationAlgorithm: "http://www.w3.org/2001/10/xml-exc-c14n#"
  })
  signed.addReference({
    xpath,
    digestAlgorithm: algorithms.digest,
    transforms: [...transforms],
    inclusiveNamespacesPrefixList: [...prefixes]
  })
  signed.computeSignature(xml, { location: { reference: xpath, action: "prepend" } })
  return signed.getSignedXml()
}

export const base64 = (xml: string): string => Buffer.from(xml).toString("base64")
