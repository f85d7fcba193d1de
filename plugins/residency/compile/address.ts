/** One spelling for each address: `host:port`, the host in lower case, without a trailing dot. */
export const normalAddress = (address: string): string => {
  const lower = address.trim().toLowerCase()
  const colon = lower.lastIndexOf(":")
  const host = colon < 0 ? lower : lower.slice(0, colon)
  return (host.endsWith(".") ? host.slice(0, -1) : host) + (colon < 0 ? "" : lower.slice(colon))
}
