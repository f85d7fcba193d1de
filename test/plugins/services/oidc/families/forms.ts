import { encode, forge, signed } from "../forge.ts"
import { goodClaims } from "../vectors.ts"
import { no, type Ring, type Row, tokenBy, yes } from "./row.ts"

const HEADER = { alg: "ES256", kid: "ec" }

/** Members that stand twice, at any depth and in any spelling (RFC 7515, 4; RFC 7519, 4; RFC 8259, 4). */
const duplicates = (ring: Ring): ReadonlyArray<Row> => {
  const good = JSON.stringify(goodClaims)
  const claims = (text: string): string => forge(HEADER, text, (i) => signed("ES256", ring.ec, i))
  const header = (text: string): string => forge(text, goodClaims, (i) => signed("ES256", ring.ec, i))
  return [
    ...Object.keys(goodClaims).flatMap((name) => [
      no("malformed", `${name} twice, the good one last`, claims(good.replace("{", `{"${name}":1,`))),
      no("malformed", `${name} twice, the good one first`, claims(good.replace(/\}$/, `,"${name}":1}`)))
    ]),
    no("malformed", "aud twice, both good", claims(good.replace("{", "{\"aud\":\"sluice\","))),
    no("malformed", "sub twice, once as \\u0073ub", claims(good.replace("{", "{\"\\u0073ub\":\"root\","))),
    no("malformed", "sub twice, with space between", claims(good.replace("{", "{ \"sub\"\n:\t\"root\" , "))),
    no("malformed", "act.sub twice", claims(good.replace("{", "{\"act\":{\"sub\":\"a\",\"sub\":\"b\"},"))),
    no("malformed", "__proto__ twice", claims(good.replace("{", "{\"__proto__\":{},\"__proto__\":{},"))),
    ...["alg", "kid"].map((name) =>
      no("malformed", `${name} twice in the header`, header(`{"${name}":"x",${JSON.stringify(HEADER).slice(1)}`))
    ),
    no("malformed", "crit hidden behind another", header(`{"a":1,"a":2,${JSON.stringify(HEADER).slice(1)}`)),
    yes(
      "__proto__ as a claim",
      "it stands once, and is never a prototype",
      claims(good.replace("{", "{\"__proto__\":{\"sub\":\"root\"},"))
    ),
    yes("names that differ in case", "JSON's names do", claims(good.replace("{", "{\"Sub\":\"root\",\"EXP\":1,")))
  ]
}

/** Another spelling of the same bytes, or bytes that are none (RFC 7515, 2 and C; RFC 4648, 3.5). */
const encodings = (ring: Ring): ReadonlyArray<Row> => {
  const token = tokenBy(ring.ec, "ES256", {}, { pad: "???>>>~~~" })
  const parts = token.split(".") as [string, string, string]
  const at = (index: number, spell: (part: string) => string): string =>
    parts.map((part, i) => i === index ? spell(part) : part).join(".")
  const spellings: ReadonlyArray<readonly [string, (part: string) => string]> = [
    ["one =", (part) => `${part}=`],
    ["two =", (part) => `${part}==`],
    ["a space at its end", (part) => `${part} `],
    ["a space at its start", (part) => ` ${part}`],
    ["a line break inside", (part) => `${part.slice(0, 5)}\n${part.slice(5)}`],
    ["a tab inside", (part) => `${part.slice(0, 5)}\t${part.slice(5)}`],
    ["a NUL at its end", (part) => `${part}\0`],
    ["percent signs", (part) => `%${part.charCodeAt(0).toString(16)}${part.slice(1)}`],
    ["characters more than bytes can have", (part) => `${part}${"A".repeat((5 - part.length % 4) % 4)}`],
    ["a character of no alphabet", (part) => `${part.slice(0, 5)}!${part.slice(5)}`],
    ["a letter of another alphabet", (part) => `${part.slice(0, 5)}е${part.slice(6)}`]
  ]
  return [
    ...spellings.flatMap(([name, spell]) =>
      ["header", "claims", "signature"].map((part, i) => no("malformed", `${part} with ${name}`, at(i, spell)))
    ),
    no(
      "malformed",
      "the alphabet of base64, not of base64url",
      at(1, (part) => {
        const plain = part.replaceAll("-", "+").replaceAll("_", "/")
        return plain === part ? `${part}/` : plain
      })
    ),
    no("malformed", "bits behind the claims", trailing(ring, goodClaims)),
    no("malformed", "`Bearer` before it", `Bearer ${token}`),
    no("malformed", "quotes around it", `"${token}"`),
    no("malformed", "a byte order mark before it", `\ufeff${token}`),
    no("malformed", "two tokens", `${token}.${token}`),
    no("malformed", "two tokens and a comma", `${token},${token}`),
    ...[".", "..", "...", "....", ".a.", "a..b", "\0.\0.\0"].map((text) => no("malformed", JSON.stringify(text), text))
  ]
}

/** Claims spelt with the unused low bits set, and signed like that. */
const trailing = (ring: Ring, claims: object): string => {
  let text = JSON.stringify(claims)
  while (text.length % 3 !== 1) text += " "
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
  const spelt = encode(text)
  const other = spelt.slice(0, -1) + letters[letters.indexOf(spelt.at(-1)!) | 3]
  const input = `${encode(HEADER)}.${other}`
  return `${input}.${encode(signed("ES256", ring.ec, input))}`
}

/** What is no JSON object in UTF-8, though a lenient reader would take it. */
const texts = (ring: Ring): ReadonlyArray<Row> => {
  const good = JSON.stringify(goodClaims)
  const bytes = (value: string | Uint8Array): string => forge(HEADER, value, (i) => signed("ES256", ring.ec, i))
  const refused: ReadonlyArray<readonly [string, string | Uint8Array]> = [
    ["a byte order mark", `\ufeff${good}`],
    ["UTF-16", Buffer.from(good, "utf16le")],
    ["a byte of Latin-1", Buffer.from(good.replace("ann", "ann\u00e9"), "latin1")],
    [
      "an overlong quote",
      Buffer.concat([Buffer.from("{\"sub\":\"ann"), Buffer.from([0xc0, 0xa2]), Buffer.from("\"}")])
    ],
    [
      "half of a pair as bytes",
      Buffer.concat([Buffer.from("{\"sub\":\""), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from("\"}")])
    ],
    ["text behind", `${good}x`],
    ["a second object behind", `${good}{}`],
    ["a NUL behind", `${good}\0`],
    ["a comment", good.replace("{", "{/*x*/")],
    ["a comma at the end", good.replace(/\}$/, ",}")],
    ["single quotes", good.replaceAll("\"", "'")],
    ["names without quotes", good.replace("\"sub\"", "sub")],
    ["NaN", good.replace("{", "{\"a\":NaN,")],
    ["Infinity", good.replace("{", "{\"a\":Infinity,")],
    ["a number with a leading zero", good.replace("{", "{\"a\":01,")],
    ["a hexadecimal number", good.replace("{", "{\"a\":0x10,")],
    ["a line break in a text", good.replace("ann", "an\nn")],
    ["a text", JSON.stringify(good)],
    ["a number", "1"],
    ["a list of claims", `[${good}]`],
    ["nothing", ""],
    ["33 levels", good.replace("{", `{"a":${"[".repeat(33)}${"]".repeat(33)},`)]
  ]
  return [
    ...refused.map(([name, value]) => no("malformed", `claims with ${name}`, bytes(value))),
    yes("space around the claims", "JSON allows it, and it is signed", bytes(` \r\n${good}\t `)),
    yes("a number that is too big, elsewhere", "nobody asks for it", bytes(good.replace("{", "{\"big\":1e999,"))),
    yes("30 levels", "it is shallow enough", bytes(good.replace("{", `{"a":${"[".repeat(30)}${"]".repeat(30)},`)))
  ]
}

export const forms = (ring: Ring): ReadonlyArray<Row> => [duplicates, encodings, texts].flatMap((group) => group(ring))
