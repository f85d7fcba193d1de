import type { Builtins } from "./builtins.ts"
import { error, type Path, type Problem } from "./problem.ts"
import { type Kind, type Kinds, type Origin, resolveUse } from "./resolve.ts"
import { decode } from "./schema/index.ts"

/** One `use:` of the file: what it names, loaded, and its options, decoded by its own schema. */
export interface Part<K extends Kind = Kind> {
  readonly kind: K
  readonly path: Path
  readonly use: string
  readonly value: Kinds[K]
  readonly config: unknown
  readonly from: Origin
}

/** All parts of a file, by where they stand, and what is wrong with them. */
export interface Parts {
  readonly list: ReadonlyArray<Part>
  readonly problems: ReadonlyArray<Problem>
  /** The part that is written at `path`; only for a file without problems. */
  at<K extends Kind>(kind: K, path: Path): Part<K>
}

interface Mention {
  readonly kind: Kind
  readonly path: Path
  readonly use: string
  readonly with: unknown
}

/** Loads every protocol, plugin and service that the file mentions, also when the file is wrong elsewhere. */
export const loadParts = async (file: unknown, directory: string, builtins: Builtins): Promise<Parts> => {
  const tables = { protocol: builtins.protocols, plugin: builtins.plugins, service: builtins.services }
  const list: Array<Part> = []
  const problems: Array<Problem> = []
  for (const mention of mentions(file)) {
    const resolved = await resolveUse(mention.kind, mention.use, directory, tables[mention.kind] as any)
    if (resolved._tag === "Unresolved") {
      problems.push(error([...mention.path, "use"], resolved.what, resolved.why, resolved.remedy))
      continue
    }
    const options = decodeOptions(mention, resolved.value)
    problems.push(...options.problems)
    if (options.problems.length > 0) continue
    const { kind, path, use } = mention
    list.push({ kind, path, use, value: resolved.value, config: options.value, from: resolved.from })
  }
  const byPath = new Map(list.map((part) => [key(part.kind, part.path), part]))
  return { list, problems, at: (kind, path) => byPath.get(key(kind, path)) as any }
}

const key = (kind: Kind, path: Path): string => JSON.stringify([kind, ...path])

const decodeOptions = (mention: Mention, value: Kinds[Kind]) => {
  const given = mention.with !== undefined
  const decoded = decode(value.config, given ? mention.with : {}, given ? [...mention.path, "with"] : mention.path)
  if (given || decoded.problems.length === 0) return decoded
  const problems = decoded.problems.map((problem): Problem => ({
    ...problem,
    what: `${problem.what} under \`with:\``,
    remedy: `add \`with:\` with the options of \`${mention.use}\``
  }))
  return { value: undefined, problems }
}

/** Every `use:` in the file, whatever else may be wrong with it. */
const mentions = (file: unknown): ReadonlyArray<Mention> => [
  ...entries(member(file, "services")).flatMap(([name, used]) => mention("service", ["services", name], used)),
  ...entries(member(file, "pipelines")).flatMap(([name, pipeline]) => {
    const plugins = member(pipeline, "plugins")
    return [
      ...mention("protocol", ["pipelines", name, "protocol"], member(pipeline, "protocol")),
      ...(Array.isArray(plugins) ? plugins : []).flatMap((used, index) =>
        mention("plugin", ["pipelines", name, "plugins", index], used)
      )
    ]
  })
]

const mention = (kind: Kind, path: Path, used: unknown): ReadonlyArray<Mention> => {
  const use = member(used, "use")
  return typeof use === "string" && use !== "" ? [{ kind, path, use, with: member(used, "with") }] : []
}

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name) ? (value as any)[name] : undefined

const entries = (value: unknown): ReadonlyArray<[string, unknown]> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : []
