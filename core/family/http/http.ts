import { defineFamily } from "../family.ts"
import type { Input } from "../input.ts"
import type { Operation } from "../operation.ts"
import type { Output } from "../output.ts"

/** One request: its head, as it was understood. The body follows as `BodyPiece`s. */
export interface Request extends Operation {
  /** As sent: methods are case-sensitive (RFC 9110 §9.1). */
  readonly method: string
  /** The normalised path, which is also what is forwarded. */
  readonly path: string
  readonly query: string
  readonly headers: ReadonlyMap<string, string>
}

/** A part of a request's body. */
export interface BodyPiece extends Input {
  readonly kind: "body"
}

/** The status and the headers of an answer, before its body. What is set here is what leaves. */
export interface Head extends Output {
  readonly kind: "head"
  status: number
  headers: ReadonlyMap<string, string>
}

/** An answer's whole body. What is set here is what leaves. */
export interface Body extends Output {
  readonly kind: "body"
  bytes: Uint8Array
}

/** The family of services that are asked by HTTP requests. */
export const Http = defineFamily<Request, Head | Body, BodyPiece>("http")
export type Http = typeof Http
