/** OIDs of extensions, in DER (RFC 5280, 4.2.1.3 and 4.2.1.9). */
const KEY_USAGE = Buffer.from("0603551d0f", "hex")
const BASIC_CONSTRAINTS = Buffer.from("0603551d13", "hex")
const KEY_CERT_SIGN = 0x04
const CRL_SIGN = 0x02

/**
 * Whether a certificate says that it is an authority's, or that its key may sign certificates or revocations: a
 * workload's may say none of it (SPIFFE, X.509-SVID, 4). Node says `ca` only of one that says both.
 *
 * Looks for the extensions wherever they could stand: it may take a certificate for an authority's that is none, and
 * never the reverse.
 */
export const isAuthority = (der: Buffer): boolean =>
  // SEQUENCE { BOOLEAN TRUE, … }
  valuesOf(der, BASIC_CONSTRAINTS).some((value) => value[0] === 0x30 && value[2] === 0x01 && value[4] !== 0)
  // BIT STRING { unused bits, bits }
  || valuesOf(der, KEY_USAGE).some((value) => value[0] === 0x03 && (value[3]! & (KEY_CERT_SIGN | CRL_SIGN)) !== 0)

/** What stands in the OCTET STRINGs behind an OID; a `critical` before them is passed over. */
const valuesOf = (der: Buffer, oid: Buffer): ReadonlyArray<Buffer> => {
  const values: Array<Buffer> = []
  for (let at = der.indexOf(oid); at >= 0; at = der.indexOf(oid, at + 1)) {
    const critical = der[at + oid.length] === 0x01 ? 3 : 0
    const value = at + oid.length + critical
    if (der[value] === 0x04) values.push(der.subarray(value + 2, value + 2 + (der[value + 1] ?? 0)))
  }
  return values
}
