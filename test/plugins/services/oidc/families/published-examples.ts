/** Tokens and keys that stand in the standards themselves. */
export interface Example {
  readonly name: string
  readonly token: string
  /** What this gateway makes of it when it trusts the example's issuer, `joe`, and key. */
  readonly code: string
}

/** RFC 7515, A.3: the P-256 key without its private part. */
export const EXAMPLE_KEY = {
  kty: "EC",
  crv: "P-256",
  x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
  y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
}

/** `{"iss":"joe", "exp":1300819380, "http://example.com/is_root":true}`, with CR LF inside. */
const CLAIMS = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

export const examples: ReadonlyArray<Example> = [
  {
    name: "RFC 7515, A.1: HS256",
    token: `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${CLAIMS}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`,
    code: "signature"
  },
  {
    name: "RFC 7515, A.3: ES256, well signed; it names no subject",
    token:
      `eyJhbGciOiJFUzI1NiJ9.${CLAIMS}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q`,
    code: "claims"
  },
  { name: "RFC 7515, A.5 and RFC 7519, 6.1: unsecured", token: `eyJhbGciOiJub25lIn0.${CLAIMS}.`, code: "signature" },
  {
    name: "RFC 8037, A.4: Ed25519, of a text that is no claims",
    token: "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
      + "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    code: "malformed"
  },
  {
    name: "RFC 7797, 4.1: HS256 with b64 false",
    token: "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY",
    code: "malformed"
  },
  {
    name: "RFC 7515, E: crit with a name that nobody defines",
    token: "eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0sDQog"
      + "Imh0dHA6Ly9leGFtcGxlLmNvbS9VTkRFRklORUQiOnRydWUNCn0.RkFJTA.",
    code: "malformed"
  }
]
