/**
 * What a resource is:
 *
 * - `table`: a relation that holds rows; `fields` are its columns.
 * - `catalogue`: a system relation on the reviewed allow-list of metadata that every identified caller may read.
 * - `internals`: a system relation that carries data or other sessions' doings. Never readable.
 * - `route`: an HTTP method and path; `fields` are JSON pointers. `object`: a namespaced thing, such as a Kubernetes
 *   resource. `path`: a host and a file. `topic`: a queue's subject.
 * - `endpoint`: another server that this operation makes the upstream talk to; `name` is `host:port`, or `unknown`.
 * - `server`: the upstream as a whole: sequences, notifications, large objects, settings.
 */
export type ResourceKind =
  | "table"
  | "catalogue"
  | "internals"
  | "route"
  | "object"
  | "path"
  | "topic"
  | "endpoint"
  | "server"

/** A thing behind the upstream that an operation reads or writes, in words that every family shares. */
export interface Resource {
  readonly kind: ResourceKind
  /** The canonical name, as the policy's selectors write it: `public.customers`, `GET /v1/people`. */
  readonly name: string
  /** Which parts are touched, in any position; undefined means all of them, also those that nobody knows. */
  readonly fields?: ReadonlyArray<string>
  /** Other names whose selectors cover this too: a partition's parent, the table under a materialised view. */
  readonly within?: ReadonlyArray<string>
}
