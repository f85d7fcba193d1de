import { X509Certificate } from "node:crypto"
import { BlockList, isIP } from "node:net"

/** What an upstream was found to be otherwise than before. */
export type DriftKind = "address" | "certificate" | "issuer"

/** Told once for each change; `elsewhere` means that the connection was given up for it. */
export interface Drift {
  readonly kind: DriftKind | "elsewhere"
  readonly before: string
  readonly now: string
}

/** How many addresses and certificates of one upstream are remembered: a name may stand for several servers. */
const REMEMBERED_MAX = 64

/**
 * Where one upstream really is, as far as a connection shows. The operator may pin the addresses that its name can
 * stand for: any other is refused, at every connection, before a byte is sent. Without pins, and for certificates, what
 * changes is told.
 */
export class Whereabouts {
  private readonly pins: BlockList | undefined
  private readonly told: (drift: Drift) => void
  private readonly addresses = new Set<string>()
  private readonly certificates = new Set<string>()
  private readonly issuers = new Set<string>()
  private readonly refused = new Set<string>()

  /** `ranges` are addresses and CIDR blocks; undefined for any. Throws when one is neither. */
  constructor(ranges: ReadonlyArray<string> | undefined, told: (drift: Drift) => void) {
    this.pins = ranges === undefined ? undefined : listOf(ranges)
    this.told = told
  }

  /** Whether a connection to `address` may be used. An address that cannot be read is nowhere. */
  accepts(address: string): boolean {
    const plain = unmapped(address)
    const family = isIP(plain)
    const accepted = this.pins === undefined
      || (family !== 0 && this.pins.check(plain, family === 6 ? "ipv6" : "ipv4"))
    if (accepted) this.notice("address", this.addresses, plain)
    else if (!this.refused.has(plain) && remember(this.refused, plain)) {
      this.told({ kind: "elsewhere", before: "the pinned addresses", now: plain })
    }
    return accepted
  }

  /** The upstream has shown this certificate, in DER. */
  presented(certificate: Uint8Array | undefined): void {
    if (certificate === undefined) return
    const { fingerprint256, issuer } = new X509Certificate(certificate)
    this.notice("certificate", this.certificates, fingerprint256)
    this.notice("issuer", this.issuers, issuer.replaceAll("\n", ", "))
  }

  private notice(kind: DriftKind, known: Set<string>, now: string): void {
    if (known.has(now)) return
    const before = [...known].at(-1)
    remember(known, now)
    if (before !== undefined) this.told({ kind, before, now })
  }
}

/** The oldest is forgotten where there would be too many: then it may be told again. Always true. */
const remember = (known: Set<string>, one: string): true => {
  if (known.size >= REMEMBERED_MAX) known.delete(known.values().next().value!)
  known.add(one)
  return true
}

/** IPv4 over an IPv6 socket is the same address (RFC 4291 §2.5.5.2). */
const unmapped = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, "")

const listOf = (ranges: ReadonlyArray<string>): BlockList => {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = "", prefix] = range.split("/")
    const family = isIP(address) === 6 ? "ipv6" : "ipv4"
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return list
}
