/** A session as the upstream itself lists it. */
export interface UpstreamSession {
  readonly pid: string
  readonly user: string | null
  readonly database: string | null
  readonly application: string | null
  /** The client's address and port as the upstream sees them; null for a local socket, and where they are hidden. */
  readonly client: string | null
  /** ISO 8601. */
  readonly since: string | null
  /** A client's, or one that streams a copy of everything. */
  readonly kind: "client" | "replication"
  /** Whether the upstream shows the session's particulars to whoever asks. */
  readonly hidden: boolean
}

/** A session that did not come through the gateway, or that cannot be told to have. */
export interface Bypass extends UpstreamSession {
  readonly why: "direct" | "hidden"
}

/**
 * All sessions but the asking one. Replication is one of them: it takes everything. What the server itself runs is not.
 * What a role may not look at has no address, and a text in place of its query (PostgreSQL manual 27.2.3).
 */
export const sessionsQuery = `
  select pid, usename as user, datname as database, application_name as application,
    case when client_port > 0 then host(client_addr) || ':' || client_port end as client,
    to_char(backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as since,
    case backend_type when 'walsender' then 'replication' else 'client' end as kind,
    case when backend_type is null or query = '<insufficient privilege>' then 'yes' else 'no' end as hidden
  from pg_catalog.pg_stat_activity
  where pid <> pg_backend_pid() and coalesce(backend_type, 'client backend') in ('client backend', 'walsender')
    and usesysid is not null
  order by backend_start, pid`

/** Where the server says that it is: the address that it was reached at, from its own side. */
export const placeQuery = "select host(inet_server_addr()) as address, inet_server_port() as port"

export const sessionOf = (row: Readonly<Record<string, string | null>>): UpstreamSession => ({
  pid: row["pid"] ?? "",
  user: row["user"] ?? null,
  database: row["database"] ?? null,
  application: row["application"] ?? null,
  client: row["client"] ?? null,
  since: row["since"] ?? null,
  kind: row["kind"] === "replication" ? "replication" : "client",
  hidden: row["hidden"] === "yes"
})

/**
 * Those whose client is none of the gateway's own ends. An address and a port are what the kernels on both sides agree
 * on: unlike a user or an application's name they cannot be claimed.
 */
export const bypasses = (
  sessions: ReadonlyArray<UpstreamSession>,
  ends: ReadonlySet<string>
): ReadonlyArray<Bypass> =>
  sessions.flatMap((session) => {
    if (session.client !== null && ends.has(session.client)) return []
    return [{ ...session, why: session.hidden && session.client === null ? "hidden" : "direct" }]
  })

/** Those that were there both times: whatever began or ended between two looks is not held against anybody. */
export const lasting = (first: ReadonlyArray<Bypass>, second: ReadonlyArray<Bypass>): ReadonlyArray<Bypass> => {
  const before = new Set(first.map(({ pid, since }) => `${pid} ${since}`))
  return second.filter(({ pid, since }) => before.has(`${pid} ${since}`))
}
