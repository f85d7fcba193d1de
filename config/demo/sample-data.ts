import type { LocalPostgres } from "./local-postgres.ts"

/** Values that must never leave the gateway unmasked: each is unlike anything else in the sample. */
export const protectedSample: ReadonlyArray<string> = [
  "Annika Brandt",
  "annika.brandt@example.de",
  "DE89370400440532013000",
  "Luc Moreau",
  "luc.moreau@example.fr",
  "FR1420041010050500013M02606",
  "Aoife Byrne",
  "aoife.byrne@example.ie",
  "IE29AIBK93115212345678"
]

const EU = `
  create table customers (
    id int primary key, name text not null, email text not null, iban text not null, city text not null, plan text not null
  );
  insert into customers values
    (1, 'Annika Brandt', 'annika.brandt@example.de', 'DE89370400440532013000', 'Berlin', 'team'),
    (2, 'Luc Moreau', 'luc.moreau@example.fr', 'FR1420041010050500013M02606', 'Lyon', 'solo'),
    (3, 'Aoife Byrne', 'aoife.byrne@example.ie', 'IE29AIBK93115212345678', 'Cork', 'team');
`

const US = `
  create table customers (
    id int primary key, name text not null, email text not null, ssn text not null, city text not null, plan text not null
  );
  insert into customers values
    (1, 'Dana Whitfield', 'dana.whitfield@example.com', '078-05-1120', 'Norfolk', 'team'),
    (2, 'Marcus Hale', 'marcus.hale@example.com', '219-09-9999', 'Austin', 'solo');
  create table tickets (id int primary key, note text not null);
`

/** Makes two databases, one for each zone, and the user that the gateway logs in as. */
export const loadSample = async (postgres: LocalPostgres): Promise<void> => {
  await onDatabase(postgres, "postgres", [
    "create role gateway login password 'gateway-only'",
    "create database orders_eu owner gateway",
    "create database orders_us owner gateway"
  ])
  await onDatabase(postgres, "orders_eu", [EU, "grant all on customers to gateway"])
  await onDatabase(postgres, "orders_us", [US, "grant all on customers, tickets to gateway"])
}

/** Asks the database itself, past the gateway: for comparing what left with what is there. */
export const askDirectly = async (postgres: LocalPostgres, database: string, text: string) => {
  const { default: pg } = await import("pg")
  const { password, port, user } = postgres
  const client = new pg.Client({ host: "127.0.0.1", port, user, password, database })
  await client.connect()
  try {
    return (await client.query(text)).rows as ReadonlyArray<Record<string, unknown>>
  } finally {
    await client.end()
  }
}

const onDatabase = async (
  postgres: LocalPostgres,
  database: string,
  statements: ReadonlyArray<string>
): Promise<void> => {
  for (const statement of statements) await askDirectly(postgres, database, statement)
}
