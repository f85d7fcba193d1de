/**
 * What turns a file of one format into the next; the first makes an empty file one of format 1. Never changed once
 * released, only added to. The format of a file is its `user_version`.
 */
export const FORMATS: ReadonlyArray<string> = [
  `create table entry (
    space text not null,
    key text not null,
    value text not null,
    primary key (space, key)
  ) strict, without rowid`
]

/** Marks the file as ours, in SQLite's header (`application_id`): "SLUC". */
export const APPLICATION_ID = 0x534c5543
