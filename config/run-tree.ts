import type { LabelStory } from "../plugins/residency/index.ts"
import { eventOf, type RunEvent } from "./run-events.ts"

type Atom = LabelStory["atoms"][number]

interface Node {
  readonly text: string
  readonly below: ReadonlyArray<Node>
}

/** A label's story as a tree: what was seen, back to the operation that saw it first. */
export const runTree = (story: LabelStory, events: ReadonlyMap<string, RunEvent>): string => {
  const { atoms, flows_into, issuer, literal_bytes_spent, name, resets } = story
  const below: ReadonlyArray<Node> = [
    ...atoms.map((atom): Node => ({ text: `has seen ${what(atom)}`, below: [wayOf(atom, events)] })),
    ...(atoms.length === 0 ? [{ text: "has seen nothing", below: [] }] : []),
    ...resets.map(({ at, atoms: ended, by, reason }): Node => ({
      text: `was reset by ${by} at ${instant(at)}: ${reason}`,
      below: ended.map((atom) => ({ text: `had seen ${atom.data_set}, ${atom.form}`, below: [] }))
    })),
    ...flows_into.map((other): Node => ({ text: `what it sees, ${other} is taken to know`, below: [] })),
    ...(literal_bytes_spent > 0
      ? [{ text: `${literal_bytes_spent} bytes of literals were let through`, below: [] }]
      : []),
    ...lifeOf(story)
  ]
  const title = issuer === "" ? name : `${name} (${issuer})`
  return [printable(title), ...draw(below, "")].join("\n")
}

const lifeOf = ({ forgotten_at, used }: LabelStory): ReadonlyArray<Node> => {
  if (used === undefined) return []
  const end = forgotten_at === undefined ? "" : `, is forgotten on ${day(forgotten_at)} if it is not used before`
  return [{ text: `was last used on ${day(used)}${end}`, below: [] }]
}

const draw = (nodes: ReadonlyArray<Node>, indent: string): ReadonlyArray<string> =>
  nodes.flatMap(({ below, text }, index) => {
    const last = index === nodes.length - 1
    return [
      `${indent}${last ? "└─" : "├─"} ${printable(text)}`,
      ...draw(below, `${indent}${last ? "   " : "│  "}`)
    ]
  })

const what = ({ data_set, form, from }: Atom): string => `${data_set}, ${form}, from ${from}`

/** How an atom came: by an operation of its own, or from another label, and how it came there. */
const wayOf = (atom: Atom, events: ReadonlyMap<string, RunEvent>): Node => {
  if (atom.from_label !== undefined) {
    const { forgotten, name, story } = atom.from_label
    return {
      text: `by way of ${name}${forgotten === true ? ", which is forgotten" : ""}`,
      below: story === undefined ? [] : [wayOf(story, events)]
    }
  }
  const event = events.get(eventOf(atom))
  const by = `${instant(atom.at)}  operation ${atom.exchange} of session ${atom.session}, through ${atom.pipeline}`
  return { text: by, below: event === undefined ? [] : [{ text: `${event.who}: ${event.asked}`, below: [] }] }
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10)

const instant = (at: number): string => new Date(at).toISOString()

/** Names and statements are other people's: nothing in them may move a terminal's cursor or turn its text around. */
const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
