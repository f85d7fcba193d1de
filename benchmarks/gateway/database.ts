import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { findPostgres } from "../../config/demo/find-postgres.ts"
import { type LocalPostgres, startPostgres } from "../../config/demo/local-postgres.ts"
import { askDirectly } from "../../config/demo/sample-data.ts"
import { findPgbench } from "./load.ts"

/** A PostgreSQL with pgbench's tables and one of 100,000 people, whose column `ssn` the gateway masks. */
export const startDatabase = async (): Promise<LocalPostgres> => {
  const programs = findPostgres().find(({ origin }) => origin === "machine") ?? findPostgres()[0]!
  const postgres = await startPostgres({ programs, settings: { max_connections: "300", shared_buffers: "256MB" } })
  await fill(postgres)
  return postgres
}

const fill = async (postgres: LocalPostgres): Promise<void> => {
  await promisify(execFile)(
    findPgbench(),
    ["-i", "-q", "-s", "1", "-h", "127.0.0.1", "-p", String(postgres.port), "-U", postgres.user, "postgres"],
    { env: { ...process.env, PGPASSWORD: postgres.password } }
  )
  await askDirectly(
    postgres,
    "postgres",
    `create table people as select i as id, 'Person ' || i as name, 'City ' || i % 100 as city,
       lpad((i % 1000)::text, 3, '0') || '-' || lpad((i % 100)::text, 2, '0') || '-' || lpad(i::text, 4, '0') as ssn,
       md5(i::text) as note, (i * 1.25)::numeric(12, 2) as amount from generate_series(1, 100000) i`
  )
  await askDirectly(postgres, "postgres", "vacuum analyze")
}
