import { describe, expect, it } from "vitest"
import { constantsOf } from "../../../../../protocols/postgres/analysis/rewrite/constant.ts"
import { snapshot } from "../schema.ts"

const of = (type: string, mask = "****", exact?: string) =>
  constantsOf(snapshot, { name: "c", type, ...(exact === undefined ? {} : { exact }) }, mask)

describe("a constant of a column's type", () => {
  it.each([
    ["text", "'****'::pg_catalog.text"],
    ["character varying", "'****'::character varying"],
    ["character", "'****'::pg_catalog.bpchar"],
    ["name", "'****'::pg_catalog.name"],
    ["\"char\"", "'*'::pg_catalog.\"char\""],
    ["integer", "'0'::integer"],
    ["numeric", "'0'::pg_catalog.numeric"],
    ["boolean", "'false'::boolean"],
    ["date", "'1970-01-01'::pg_catalog.date"],
    ["timestamp with time zone", "'1970-01-01 00:00:00+00'::timestamp with time zone"],
    ["json", "'\"****\"'::pg_catalog.json"],
    ["uuid", "'00000000-0000-0000-0000-000000000000'::pg_catalog.uuid"],
    ["text[]", "'{}'::pg_catalog.text[]"],
    ["hr.grade", "null::\"hr\".\"grade\""],
    ["hr.short", "'****'::pg_catalog.text"],
    ["int4range", "null::pg_catalog.int4range"]
  ])("%s", (type, expected) => expect(of(type).value).toBe(expected))

  it("keeps modifiers, which a client is told", () => {
    expect(of("character varying", "****", "character varying(11)")).toEqual({
      value: "'****'::character varying(11)",
      null: "null::character varying(11)"
    })
  })
  it("is the mask itself where the type can hold it", () => {
    expect(of("inet", "0.0.0.0").value).toBe("'0.0.0.0'::pg_catalog.inet")
    expect(of("inet").value).toBe("'0.0.0.0'::pg_catalog.inet")
    expect(of("integer", "7").value).toBe("'7'::integer")
  })
})
