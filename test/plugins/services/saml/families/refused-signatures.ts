import { SHA1 } from "../identity-provider.ts"
import { type Bench, type Recipes, swap } from "./case.ts"

const DSIG = "http://www.w3.org/2000/09/xmldsig#"
const RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
const ENVELOPED = `${DSIG}enveloped-signature`
const SHA256 = { signature: RSA_SHA256, digest: "http://www.w3.org/2001/04/xmlenc#sha256" }

/** Where the signature stands, what it points at, and what is made of it on the way. */
export const signatures: Recipes = {
  ...Object.fromEntries(
    ["", "#", "#_r1", "#other", "_a", "#xpointer(/)", "#xpointer(id('_a'))", "http://127.0.0.1:9/x"].map((uri) => [
      `a reference to ${JSON.stringify(uri)}`,
      [
        { after: (xml: string) => xml.replace(/URI="[^"]*"/, `URI="${uri}"`) },
        "does not sign what it stands in"
      ] as const
    ])
  ),
  "a reference to nothing": [{ after: (xml) => xml.replace(/ URI="[^"]*"/, "") }, "does not sign what it stands in"],
  "two references": [
    { after: (xml) => xml.replace(/<Reference [\s\S]*<\/Reference>/, (one) => one + one) },
    "does not sign what it stands in"
  ],
  "two SignedInfo": [
    { after: (xml) => xml.replace(/<SignedInfo>[\s\S]*<\/SignedInfo>/, (one) => one + one) },
    "does not sign what it stands in"
  ],
  "two SignedInfo, one with no reference": [
    {
      after: (xml) =>
        xml.replace(
          /<SignedInfo>([\s\S]*?)<Reference [\s\S]*<\/SignedInfo>/,
          (one, head: string) => `${one}<SignedInfo>${head}</SignedInfo>`
        )
    },
    "does not sign what it stands in"
  ],
  "two values": [
    { after: (xml) => xml.replace(/<SignatureValue>[\s\S]*<\/SignatureValue>/, (one) => one + one) },
    "does not sign what it stands in"
  ],
  "two signatures": [
    { after: (xml) => xml.replace(/<Signature [\s\S]*<\/Signature>/, (one) => one + one) },
    "does not sign what it stands in"
  ],
  "a signature in the subject": [{ after: moved("</saml:Subject>") }, "does not sign what it stands in"],
  "a signature beside what it signs": [{ after: moved("</samlp:Response>") }, "does not sign what it stands in"],
  "a signature in the extensions": [{
    around: swap("<samlp:Status>", "<samlp:Extensions>x</samlp:Extensions><samlp:Status>"),
    after: moved("</samlp:Extensions>")
  }, "does not sign what it stands in"],
  "a signature of extensions that have a name": [{
    around: swap("<samlp:Status>", "<samlp:Extensions ID=\"_x\">x</samlp:Extensions><samlp:Status>"),
    after: (xml) => {
      const [signature = ""] = /<Signature [\s\S]*<\/Signature>/.exec(xml) ?? []
      const other = signature.replace(/ URI="[^"]*"/, " URI=\"#_x\"")
      return swap("</samlp:Extensions>", `${other}</samlp:Extensions>`)(xml, {})
    }
  }, "does not sign what it stands in"],
  "three signatures": [
    { after: (xml) => xml.replace(/<Signature [\s\S]*<\/Signature>/, (one) => one + one + one) },
    "more signatures"
  ],
  "an object": [{ after: swap("</SignatureValue>", "</SignatureValue><Object/>") }, "no Object"],
  "a manifest": [{ after: swap("</SignatureValue>", "</SignatureValue><Manifest/>") }, "no Manifest"],
  ...Object.fromEntries(
    [
      "http://www.w3.org/TR/1999/REC-xslt-19991116",
      "http://www.w3.org/TR/1999/REC-xpath-19991116",
      "http://www.w3.org/2002/06/xmldsig-filter2",
      `${DSIG}base64`,
      "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
      "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
      "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
      "http://www.w3.org/2006/12/xml-c14n11",
      ""
    ]
      .map((name) => [
        `the transform ${JSON.stringify(name)}`,
        [
          {
            after: (xml: string) => xml.replace(`Transform Algorithm="${ENVELOPED}"`, `Transform Algorithm="${name}"`)
          },
          "algorithm"
        ] as const
      ])
  ),
  "three transforms": [{
    signing: {
      transforms: [ENVELOPED, "http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/2001/10/xml-exc-c14n#"]
    }
  }, "not signed"],
  "a digest of SHA-1": [{ signing: { algorithms: { ...SHA256, digest: SHA1.digest } } }, "algorithm"],
  "a signature of SHA-1": [{ signing: { algorithms: { ...SHA256, signature: SHA1.signature } } }, "algorithm"],
  ...Object.fromEntries(
    [
      `${DSIG}hmac-sha1`,
      `${DSIG}dsa-sha1`,
      "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
      "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
      "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
      `${RSA_SHA256} `,
      RSA_SHA256.toUpperCase(),
      ""
    ]
      .map((name) => [
        `the algorithm ${JSON.stringify(name)}`,
        [{
          after: (xml: string) =>
            xml.replace(`SignatureMethod Algorithm="${RSA_SHA256}"`, `SignatureMethod Algorithm="${name}"`)
        }, "algorithm"] as const
      ])
  ),
  "an algorithm with a prefix": [{
    after: swap("<SignatureMethod ", `<SignatureMethod xmlns:x="urn:x" x:Algorithm="${SHA1.signature}" `)
  }, "algorithm"],
  "an empty value": [{ after: (xml) => xml.replace(/<SignatureValue>[^<]*/, "<SignatureValue>") }, "not signed"],
  "an empty digest": [{ after: (xml) => xml.replace(/<DigestValue>[^<]*/, "<DigestValue>") }, "not signed"],
  "another digest": [{ after: (xml) => xml.replace(/<DigestValue>[^<]*/, "<DigestValue>AAAA") }, "not signed"],
  "a name that was changed": [{ after: swap(">ann<", ">root<") }, "not signed"],
  "a group that was changed": [{ after: swap(">analysts<", ">dbas<") }, "not signed"],
  "a group that was added": [{
    after: swap("</saml:AttributeValue>", "</saml:AttributeValue><saml:AttributeValue>dbas</saml:AttributeValue>")
  }, "not signed"],
  "times that were changed": [
    { after: (xml) => xml.replaceAll(/NotOnOrAfter="\d{4}/g, "NotOnOrAfter=\"2999") },
    "not signed"
  ],
  "an audience that was changed": [{
    say: { audience: "https://other.example" },
    after: swap("https://other.example", "http://127.0.0.1:7444/saml/metadata")
  }, "not signed"]
}

function moved(before: string): (xml: string) => string {
  return (xml) => {
    const signature = /<Signature [\s\S]*<\/Signature>/.exec(xml)![0]
    return xml.replace(signature, "").replace(before, () => `${signature}${before}`)
  }
}

/** Signed by whom nobody trusts, or not where it counts. */
export const signers = (bench: Bench): Recipes => ({
  "the attacker's key": [{ by: bench.attacker }, "not signed"],
  "the attacker's key and certificate": [{ by: bench.attacker, signing: { withKeyInfo: true } }, "not signed"],
  "the attacker's key and the provider's certificate": [{
    by: { ...bench.attacker, certificate: bench.idp.certificate },
    signing: { withKeyInfo: true }
  }, "not signed"],
  "a key in KeyValue": [{
    by: bench.attacker,
    after: swap(
      "</SignatureValue>",
      "</SignatureValue><KeyInfo><KeyValue><RSAKeyValue><Modulus>AQAB</Modulus></RSAKeyValue></KeyValue></KeyInfo>"
    )
  }, "not signed"],
  "a key to be fetched": [{
    by: bench.attacker,
    after: swap(
      "</SignatureValue>",
      "</SignatureValue><KeyInfo><RetrievalMethod URI=\"http://127.0.0.1:9/key\"/></KeyInfo>"
    )
  }, "not signed"],
  "the response signed, the assertion not": [{ element: "Response" }, "not signed"],
  "no signature at all": [{ after: (xml) => xml.replace(/<Signature [\s\S]*<\/Signature>/, "") }, "not signed"]
})
