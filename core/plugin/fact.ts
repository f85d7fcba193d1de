import type * as Context from "effect/Context"

/**
 * A typed name for something that one plugin learned and others may read. Facts are how plugins speak to each other;
 * there is no shared bag. Compared by `key`, so that a plugin built against its own copy of the core still fits.
 */
export interface Fact<out A> {
  readonly key: string
  readonly "~Value": A
}

/** `const Risk = defineFact<"low" | "high">()("acme/risk")`. */
export const defineFact = <A>() => <const K extends string>(key: K): Fact<A> & { readonly key: K } => ({ key }) as never

/** What a plugin may require: a fact that an earlier plugin provides, or a service that the gateway has. */
export type Capability = Fact<unknown> | Context.Key<any, any>
export type FactsIn<R extends ReadonlyArray<Capability>> = Extract<R[number], Fact<unknown>>
export type ServicesIn<R extends ReadonlyArray<Capability>> = R[number] extends infer K
  ? K extends Context.Key<infer I, any> ? I : never
  : never

export interface Reads<R extends ReadonlyArray<Capability>> {
  /** The fact's value. Throws, which is a denial, when the plugin that provides it set none. */
  get<K extends FactsIn<R>>(fact: K): K["~Value"]
  /** A fact that the plugin can do without, so that it need not be required: undefined when nothing set it. */
  find<A>(fact: Fact<A>): A | undefined
}

export interface Writes<P extends ReadonlyArray<Fact<unknown>>> {
  set<K extends P[number]>(fact: K, value: K["~Value"]): void
}
