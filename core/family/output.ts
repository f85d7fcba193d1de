/**
 * A piece of an answer: a row, its description, a completion, a notice. Views are loans: good until the hook returns.
 */
export interface Output {
  readonly kind: string
}
