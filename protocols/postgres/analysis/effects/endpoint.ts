/**
 * The `host:port` of a connection string, as libpq reads one (PostgreSQL manual 34.1.1), or `unknown`. Only the first
 * argument that looks like one counts; a name of a prepared connection or of a foreign server is `unknown`.
 */
export const endpointOf = (texts: ReadonlyArray<string | undefined>): string => {
  for (const text of texts) {
    if (text === undefined) continue
    const found = /^postgres(ql)?:\/\//.test(text) ? fromUrl(text) : fromPairs(text)
    if (found !== undefined) return found
  }
  return "unknown"
}

const defaultPort = "5432"

const fromUrl = (text: string): string | undefined => {
  try {
    const url = new URL(text)
    if (url.search !== "" || url.hostname === "" || url.host.includes(",")) return undefined
    return `${url.hostname}:${url.port === "" ? defaultPort : url.port}`
  } catch {
    return undefined
  }
}

/** `host=… port=…`. Quoted values, several hosts and services are not followed: they stay unknown. */
const fromPairs = (text: string): string | undefined => {
  if (text.length > 4096 || text.includes("'") || text.includes("\\") || text.includes(",")) return undefined
  const pairs = new Map<string, string>()
  for (const word of text.split(/\s+/)) {
    const equals = word.indexOf("=")
    if (equals > 0) pairs.set(word.slice(0, equals), word.slice(equals + 1))
  }
  const host = pairs.get("host")
  if (host === undefined || pairs.has("hostaddr") || pairs.has("service")) return undefined
  return `${host}:${pairs.get("port") ?? defaultPort}`
}
