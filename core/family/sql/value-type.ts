/** What is known of the type of a value: enough to read it, and to make another of the same type. */
export interface ValueType {
  /** As PostgreSQL's catalogue spells it (`text`, `int4`, `citext`), `enum`, `array`, `composite`, or `oid:N`. */
  readonly name: string
  /** Characters at most, as in `varchar(20)`; a `char(n)` is always padded to them. */
  readonly lengthMax?: number
  /** Digits in all and behind the point, as in `numeric(10, 2)`. */
  readonly precision?: number
  readonly scale?: number
  /** The values of an enum, in their order. */
  readonly labels?: ReadonlyArray<string>
  /** What an array consists of. */
  readonly element?: ValueType
  /** What a composite consists of, in order. */
  readonly fields?: ReadonlyArray<ValueType>
}

/** What takes the place of the scalars in a value. Neither member may throw. */
export interface Substitute {
  /** In place of a scalar whose text form is `text`: null is NULL; undefined when there is nothing of that type. */
  of(text: string, type: ValueType): string | null | undefined
  /** In place of what cannot be read, and where `of` yields nothing that the type can hold. */
  constant(type: ValueType): string | null
}
