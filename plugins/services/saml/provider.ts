import { SAML, ValidateInResponseTo } from "@node-saml/node-saml"
import { X509Certificate } from "node:crypto"
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { consumerOf, entityOf, type SamlConfig } from "./config.ts"

/** The certificates of a PEM file. Throws where there is none, or one whose key is no RSA key of 2048 bits or more. */
export const readCertificates = (directory: string, path: string): ReadonlyArray<string> => {
  const text = readFileSync(resolve(directory, path), "utf8")
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (found.length === 0) throw new Error("it holds no PEM certificate")
  for (const pem of found) {
    const { publicKey } = new X509Certificate(pem)
    const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0
    if (publicKey.asymmetricKeyType !== "rsa" || bits < 2048) throw new Error("a key in it is not RSA of 2048 bits")
  }
  return found
}

/** The other side, for one request or response. Whether a response was asked for is looked up by its caller. */
export const provider = (
  config: SamlConfig,
  certificates: ReadonlyArray<string>,
  id: string = "_unused"
): SAML =>
  new SAML({
    issuer: entityOf(config),
    audience: entityOf(config),
    callbackUrl: consumerOf(config),
    entryPoint: config.provider.login,
    idpCert: [...certificates],
    idpIssuer: config.provider.entity_id,
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    acceptedClockSkewMs: config.clock_skew_seconds * 1000,
    identifierFormat: null,
    disableRequestedAuthnContext: true,
    validateInResponseTo: ValidateInResponseTo.never,
    generateUniqueId: () => id
  })
