/**
 * What turns a schema of one format into the next; the first makes an empty schema one of format 1. Never changed once
 * released, only added to. `%s` is the schema's name, quoted.
 */
export const FORMATS: ReadonlyArray<string> = [
  `create table %s.entry (
    space text collate "C" not null,
    key text collate "C" not null,
    value text not null,
    primary key (space, key)
  )`
]
