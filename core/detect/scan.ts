import { classAt, DIGIT, HEX, isDigitAt, isWordAt, MAILBOX, runEnd, runStart, WORD } from "./bytes.ts"
import { Groups } from "./candidate.ts"
import { context } from "./context.ts"
import { addressWords, birthWords, dateWords, versionWords } from "./context-words.ts"
import { coordinatesEnd } from "./coordinates.ts"
import { dateAt } from "./date.ts"
import { domainEnd, emailStart } from "./email.ts"
import { type Evidence, type Finding, type FormType, formTypes } from "./finding.ts"
import { ibanEnd } from "./iban.ts"
import { identify } from "./identify.ts"
import { ipv4End, ipv6End, macEnd, urlAround } from "./network.ts"
import { phoneAt } from "./phone.ts"
import { keyAt, keyedSecret, keyStart, privateKeyEnd } from "./secret.ts"
import { isNearPhone, isNearThing, looksLikeVersion, phoneStart, prefixStart } from "./surroundings.ts"
import { thresholds } from "./thresholds.ts"
import { walletEnd } from "./wallet.ts"

/** The bytes at which something may be found: everything else is passed over, four at a time. */
const triggers = new Uint8Array(256)
for (const character of "0123456789@:=") triggers[character.charCodeAt(0)] = 1
/** A hyphen is common, and begins something only where others follow. */
const HYPHEN = 45
triggers[HYPHEN] = 2
/** One for all scans, none of which outlives a call. */
const groups = new Groups()

/**
 * One pass over a text. What was found before `floor` is settled; nothing is found twice, nothing overlaps. The work is
 * linear: from each trigger no recogniser looks further than a fixed number of bytes, save to the end of what it found.
 */
export class Scan {
  readonly #bytes: Uint8Array
  readonly #types: ReadonlySet<string> | undefined
  readonly #findings: Array<Finding> = []
  #floor = 0
  /**
   * Where the run ends that may stand before an `@`, and the run that begins like a key and is none: each is read
   * once.
   */
  #mailbox = 0
  #noKey = 0

  /** `types`: only these, and then their form is enough. */
  constructor(bytes: Uint8Array, types: ReadonlySet<string> | undefined) {
    this.#bytes = bytes
    this.#types = types
    context.begin(bytes)
  }

  run(from: number): ReadonlyArray<Finding> {
    const bytes = this.#bytes
    for (let at = nextTrigger(bytes, from); at < bytes.length; at = nextTrigger(bytes, at)) {
      const byte = bytes[at]!
      const next = byte === 64
        ? this.#address(at)
        : byte === 58
        ? this.#colon(at)
        : byte === 61
        ? this.#keyed(at)
        : byte === HYPHEN
        ? this.#hyphen(at)
        : this.#number(at)
      at = Math.max(at + 1, next)
    }
    return this.#findings
  }

  #isWanted(type: FormType): boolean {
    return this.#types === undefined || this.#types.has(type)
  }

  #add(type: FormType, start: number, end: number, score: number, ...evidence: ReadonlyArray<Evidence>): number {
    if (!this.#isWanted(type)) return 0
    this.#findings.push({ type, kind: formTypes[type], start, end, score, evidence })
    this.#floor = end
    return end
  }

  #address(at: number): number {
    const start = emailStart(this.#bytes, at, this.#floor)
    if (start < 0) return 0
    const end = domainEnd(this.#bytes, at)
    return end < 0 ? 0 : this.#add("email", start, end, 9, "form")
  }

  #colon(at: number): number {
    const bytes = this.#bytes
    const isUrl = this.#isWanted("url") || this.#isWanted("url_credentials")
    const url = isUrl ? urlAround(bytes, at, this.#floor) : undefined
    if (url !== undefined) {
      const type = url.hasCredentials ? "url_credentials" : "url"
      return this.#add(type, url.start, url.end, 9, "form") || url.end
    }
    const start = runStart(bytes, at, HEX, Math.max(this.#floor, at - 4))
    if (!isWordAt(bytes, start - 1) && bytes[start - 1] !== 58) {
      const end = ipv6End(bytes, start)
      if (end > 0) return this.#add("ip", start, end, 8, "form") || end
      const mac = macEnd(bytes, start)
      if (mac > 0) return this.#add("mac", start, mac, 9, "form") || mac
    }
    return this.#keyed(at)
  }

  #keyed(at: number): number {
    if (!this.#isWanted("secret")) return 0
    const found = keyedSecret(this.#bytes, at, this.#floor)
    return found === undefined ? 0 : this.#add("secret", found.start, found.end, 7, "context")
  }

  /** A private key's first line, or a hardware address without a digit. */
  #hyphen(at: number): number {
    const end = privateKeyEnd(this.#bytes, at)
    if (end > 0) return this.#add("private_key", at, end, 12, "form")
    const mac = at - 2 < this.#floor || isWordAt(this.#bytes, at - 3) ? -1 : macEnd(this.#bytes, at - 2)
    return mac < 0 ? 0 : this.#add("mac", at - 2, mac, 9, "form")
  }

  /** A word that holds a digit; `at` is its first digit. */
  #number(at: number): number {
    const bytes = this.#bytes
    if (at >= this.#mailbox) this.#mailbox = runEnd(bytes, at, MAILBOX)
    if (bytes[this.#mailbox] === 64) {
      const end = this.#address(this.#mailbox)
      if (end > 0) return end
    }
    const start = runStart(bytes, at, WORD, Math.max(this.#floor, at - 64))
    return this.#network(start) || this.#key(start, at) || this.#date(start) || this.#long(start)
      || this.#identifier(start) || runEnd(bytes, at, WORD)
  }

  #network(start: number): number {
    const bytes = this.#bytes
    const first = runEnd(bytes, start, HEX)
    const after = bytes[first]
    if (after === 46 && first - start <= 3 && isDigitAt(bytes, start)) {
      const end = bytes[start - 1] === 46 || bytes[start - 1] === 45 ? -1 : ipv4End(bytes, start)
      if (end > 0) return this.#ipv4(start, end)
    }
    if (after === 58 && first - start <= 4 && bytes[start - 1] !== 58) {
      const end = ipv6End(bytes, start)
      if (end > 0) return this.#add("ip", start, end, 8, "form") || end
    }
    if (first - start === 2 || first - start === 4) {
      const end = macEnd(bytes, start)
      if (end > 0) return this.#add("mac", start, end, 9, "form") || end
    }
    return 0
  }

  #ipv4(start: number, end: number): number {
    if (this.#types !== undefined) return this.#add("ip", start, end, 6, "asked") || end
    context.readRightBefore(start)
    if (context.has(versionWords)) return end
    const isVersion = looksLikeVersion(this.#bytes, start, end) && !context.has(addressWords)
    return isVersion ? end : this.#add("ip", start, end, 6, "form") || end
  }

  #key(start: number, at: number): number {
    const bytes = this.#bytes
    if (!this.#isWanted("secret")) return 0
    const from = start > this.#floor ? keyStart(bytes, at, Math.max(this.#floor, at - 64)) : start
    if (from < this.#noKey) return 0
    const end = keyAt(bytes, from)
    if (end < 0) this.#noKey = -end
    return end < 0 ? 0 : this.#add("secret", from, end, 12, "form")
  }

  #date(start: number): number {
    const bytes = this.#bytes
    if (!isDigitAt(bytes, start) || !(this.#isWanted("date") || this.#isWanted("date_of_birth"))) return 0
    const span = dateAt(bytes, start, this.#floor)
    if (span === undefined) return 0
    context.read(span.start, span.end)
    const isBirth = context.has(birthWords)
    const isDated = isBirth || this.#types !== undefined || (span.form === "short" && context.has(dateWords))
    const score = (span.form === "full" ? 5.5 : span.form === "short" ? 2 : 0) + (isDated ? 4 : 0)
    if (score < thresholds.text && this.#types === undefined) return span.form === "stamp" ? span.end : 0
    return this.#add(
      isBirth && this.#isWanted("date_of_birth") ? "date_of_birth" : "date",
      span.start,
      span.end,
      score,
      "form"
    )
  }

  /** What is a long run of letters and digits, and the pair of decimals. */
  #long(start: number): number {
    const bytes = this.#bytes
    const iban = ibanEnd(bytes, start)
    if (iban > 0 && this.#isWanted("iban")) return this.#add("iban", start, iban, 12, "check")
    const wallet = walletEnd(bytes, start)
    if (wallet > 0 && this.#isWanted("wallet")) return this.#add("wallet", start, wallet, 10, "check")
    if ((classAt(bytes, start) & DIGIT) === 0) return 0
    const from = bytes[start - 1] === HYPHEN ? start - 1 : start
    const pair = coordinatesEnd(bytes, from)
    return pair > 0 && this.#isWanted("coordinates") ? this.#add("coordinates", from, pair, 6, "form") : 0
  }

  #identifier(start: number): number {
    const bytes = this.#bytes
    const own = identify(bytes, start, groups, this.#types)
    let best = own
    for (let from = start, i = 0; i < 2; i++) {
      const before = prefixStart(bytes, from, this.#floor)
      if (before === from) break
      const prefixed = identify(bytes, before, groups, this.#types)
      if (prefixed !== undefined && (best === undefined || prefixed.score >= best.score)) best = prefixed
      from = before
    }
    const isSettled = best !== undefined && best.score > thresholds.settled
    const phone = !isSettled && this.#isWanted("phone") ? this.#phone(start) : undefined
    if (phone !== undefined && (best === undefined || phone.score > best.score)) {
      return this.#add("phone", phone.start, phone.end, phone.score, ...phone.evidence)
    }
    if (best === undefined) return 0
    this.#findings.push(best)
    this.#floor = best.end
    return best.end
  }

  #phone(start: number): Pick<Finding, "start" | "end" | "score" | "evidence"> | undefined {
    const bytes = this.#bytes
    if (!isDigitAt(bytes, start)) return undefined
    const span = phoneAt(bytes, phoneStart(bytes, start, this.#floor))
    if (span === undefined) return undefined
    const { end, start: from } = span
    if (this.#types !== undefined) return { start: from, end, score: span.score + 20, evidence: ["form", "asked"] }
    const isNear = isNearPhone(bytes, from, end)
    const isThing = !isNear && start > 0 && isNearThing(from)
    const score = span.score + (isNear ? thresholds.context : 0) - (isThing ? thresholds.thing : 0)
    return score < thresholds.text
      ? undefined
      : { start: from, end, score, evidence: isNear ? ["form", "context"] : ["form"] }
  }
}

/** The next place at or behind `from` where something may be found. */
export const nextTrigger = (bytes: Uint8Array, from: number): number => {
  const last = bytes.length
  for (let at = from; at < last; at++) {
    while (
      at + 4 <= last
      && (triggers[bytes[at]!]! | triggers[bytes[at + 1]!]! | triggers[bytes[at + 2]!]! | triggers[bytes[at + 3]!]!)
        === 0
    ) at += 4
    if (at >= last) break
    const trigger = triggers[bytes[at]!]!
    if (trigger === 1 || (trigger === 2 && isTelling(bytes, at))) return at
  }
  return last
}

/** The first hyphen of a private key's five, or of a hardware address: three bytes before the next. */
const isTelling = (bytes: Uint8Array, at: number): boolean =>
  bytes[at + 1] === HYPHEN ? bytes[at + 4] === HYPHEN && bytes[at - 1] !== HYPHEN : bytes[at + 3] === HYPHEN
