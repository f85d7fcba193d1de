import { readFile } from "node:fs/promises"
import { isIP } from "node:net"

/** Whether this system tells whose a connection on the loopback is. */
export const canTellPeers = process.platform === "linux"

export interface PeerAddress {
  readonly address: string
  readonly port: number
}

/** The user whose socket `peer` is, that is connected to `here`; undefined when the system has no such connection. */
export const peerUid = async (peer: PeerAddress, here: PeerAddress): Promise<number | undefined> => {
  const table = await readFile(isIP(peer.address) === 6 ? "/proc/net/tcp6" : "/proc/net/tcp", "latin1")
  return uidIn(table, hexOf(peer), hexOf(here))
}

/** proc(5): `sl local_address rem_address st tx:rx tr:tm retrnsmt uid …`. */
const uidIn = (table: string, local: string, remote: string): number | undefined => {
  for (const line of table.split("\n")) {
    const fields = line.trim().split(/\s+/)
    if (fields[1] === local && fields[2] === remote && /^\d+$/.test(fields[7] ?? "")) return Number(fields[7])
  }
  return undefined
}

/** As the kernel prints it: each 32-bit word of the address in the machine's order, the port in hex. */
const hexOf = ({ address, port }: PeerAddress): string => {
  const words = isIP(address) === 6 ? loopback6 : [Buffer.from(address.split(".").map(Number)).readUInt32LE(0)]
  const hex = words.map((word) => word.toString(16).padStart(8, "0")).join("")
  return `${hex}:${port.toString(16).padStart(4, "0")}`.toUpperCase()
}

/** `::1`: the only address of IPv6 that the port is opened on. */
const loopback6 = [0, 0, 0, 0x01000000]
