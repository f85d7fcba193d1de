/** What a client sends after asking: COPY data, a body part, standard input, a frame. Views are loans. */
export interface Input {
  readonly kind: string
  /** The bytes as the client sent them. */
  readonly bytes: Uint8Array
}
