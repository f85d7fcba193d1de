import type * as fc from "fast-check"
import type { Family, OperationOf } from "../family/index.ts"
import type { Analyser, Codec, Side } from "../protocol/index.ts"

/** A stand-in for the service behind the gateway: deterministic, so that two of them answer the same bytes alike. */
export interface FakeUpstream {
  /** Takes bytes as they come, and returns what it answers to them at once. */
  receive(bytes: Uint8Array): Uint8Array
  /** What it was made to do, in order, as the protocol would name it: the text of a statement, a request line. */
  readonly effects: ReadonlyArray<string>
}

/** How a client reads one answer. */
export type AnswerRead = "answered" | "refused"

/** What the property suites need to know of a protocol. Everything random comes from fast-check. */
export interface Subject<F extends Family = Family> {
  readonly name: string
  /** A fresh codec, in a session without TLS. */
  codec(): Codec<F>
  /** An analyser that resolves every operation of `scripts`, touching what `touches` says. */
  analyser(): Analyser<F>
  upstream(): FakeUpstream
  /** What a client sends until it is in, in the order of the server's turns. */
  readonly login: ReadonlyArray<Uint8Array>
  /** Whole conversations of a client that is in: each element is one or more whole messages. */
  readonly scripts: fc.Arbitrary<ReadonlyArray<Uint8Array>>
  /** One operation, answered by one answer, named `label` in the fake upstream's effects. */
  operation(label: string): Uint8Array
  /** What the client was sent for a row of such operations, one by one, in order. */
  readAnswers(bytes: Uint8Array): ReadonlyArray<AnswerRead>
  /** The label of an operation made by `operation`. */
  labelOf(operation: OperationOf<F>): string
  /** Answers that nobody asked for: sent by an upstream while nothing is owed. */
  readonly unasked: fc.Arbitrary<Uint8Array>
  /** Well-framed messages of types that are in no table. */
  readonly unknown: fc.Arbitrary<{ readonly side: Side; readonly bytes: Uint8Array }>
}
