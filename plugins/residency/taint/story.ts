import * as Effect from "effect/Effect"
import { type PluginError, pluginError, type PolicyDocument, type State } from "../../../core/index.ts"
import type { Atom } from "../engine/inputs.ts"
import type { ForgetAfter } from "../world.ts"
import { compileOnce } from "../worlds.ts"
import { forgottenAt } from "./forgetting.ts"
import { type Bearer, nameOf, partsOf, prefixOf, SPACE } from "./key.ts"
import { atomKey, decodeLabel, type Reset, type StoredLabel } from "./label.ts"

/** How one atom came into a label. */
export interface AtomStory extends Omit<Atom, "of"> {
  /** Whose label it was inherited from, and how it came there; undefined for what an own operation touched. */
  readonly from_label?: {
    readonly name: string
    readonly story: AtomStory | undefined
    /** Nobody had used that label for so long that it is gone. */
    readonly forgotten?: true
  }
}

/** How a label came to be. */
export interface LabelStory {
  readonly name: string
  readonly bearer: Bearer
  /** Of whose tokens the name is, for runs and agents. */
  readonly issuer: string
  readonly atoms: ReadonlyArray<AtomStory>
  /** Whoever else learns what joins this label. */
  readonly flows_into: ReadonlyArray<string>
  readonly literal_bytes_spent: number
  readonly resets: ReadonlyArray<Reset>
  /** The day of its last use, in milliseconds since the epoch, where that is known. */
  readonly used?: number
  /** When it will be forgotten, if it is not used before. Left out: never. */
  readonly forgotten_at?: number
}

const DEPTH_MAX = 32
const forEver: ForgetAfter = { runs: undefined, agents: undefined, stores: undefined }

/** Every label that is called `id`: of a run, or of an agent. `policy` says how long they are kept. */
export const readStories = (
  state: State["Service"],
  id: string,
  policy: PolicyDocument | undefined
): Effect.Effect<ReadonlyArray<LabelStory>, PluginError> =>
  Effect.gen(function*() {
    const world = policy?.residency === undefined ? undefined : compileOnce(policy).world
    const after = world?.taint.forgetAfter ?? forEver
    const found = yield* labelsCalled(state, id)
    return yield* Effect.forEach(found, ([key, text]) => storyOf(state, key, text, after))
  })

/** The labels of runs and agents called `id`, with their keys. */
export const labelsCalled = (
  state: State["Service"],
  id: string
): Effect.Effect<ReadonlyArray<readonly [key: string, text: string]>, PluginError> =>
  Effect.map(
    Effect.forEach(["run", "agent", "runs"] as const, (bearer) => state.list(SPACE, prefixOf(bearer, id))),
    (lists) => lists.flat()
  )

/** Reads a label's text; an unreadable one is an error, never an empty label. */
export const readLabel = (text: string | undefined): Effect.Effect<StoredLabel, PluginError> =>
  Effect.try({
    try: () => decodeLabel(text),
    catch: (cause) => pluginError("residency", "A label in the state cannot be read.", cause)
  })

const storyOf = (
  state: State["Service"],
  key: string,
  text: string,
  after: ForgetAfter
): Effect.Effect<LabelStory, PluginError> =>
  Effect.gen(function*() {
    const label = yield* readLabel(text)
    const { bearer, names: [, issuer = ""] } = partsOf(key)
    const end = forgottenAt(bearer, label, after)
    return {
      name: nameOf(key),
      bearer,
      issuer,
      atoms: yield* Effect.forEach(label.atoms, (atom) => atomStory(state, atom, DEPTH_MAX)),
      flows_into: label.into.map(nameOf),
      literal_bytes_spent: label.spent,
      resets: label.resets,
      ...(label.used === undefined ? {} : { used: label.used }),
      ...(end === undefined ? {} : { forgotten_at: end })
    }
  })

/** Follows an atom to the operation that first saw it. Two labels may hold each other's: depth ends that. */
const atomStory = (state: State["Service"], atom: Atom, depth: number): Effect.Effect<AtomStory, PluginError> =>
  Effect.gen(function*() {
    const { of, ...own } = atom
    if (of === undefined) return own
    const name = nameOf(of)
    if (depth === 0) return { ...own, from_label: { name, story: undefined } }
    const text = yield* state.read(SPACE, of)
    if (text === undefined) return { ...own, from_label: { name, story: undefined, forgotten: true } }
    const { atoms } = yield* readLabel(text)
    const source = atoms.find((one) => atomKey(one) === atomKey(atom))
    const story = source === undefined ? undefined : yield* atomStory(state, source, depth - 1)
    return { ...own, from_label: { name, story } }
  })
