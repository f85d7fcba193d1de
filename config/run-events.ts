import { readRecords } from "../plugins/services/ledger/index.ts"
import type { LabelStory } from "../plugins/residency/index.ts"

/** What the ledger knows of an operation that made a label grow. */
export interface RunEvent {
  /** The caller, and through whom. */
  readonly who: string
  /** The operation, as it was recorded: values may be concealed. */
  readonly asked: string
}

type Atom = LabelStory["atoms"][number]

/** `SESSION#EXCHANGE`, as receipts cite it. */
export const eventOf = ({ exchange, session }: Atom): string => `${session}#${exchange}`

/** The operations that these stories rest on, from the ledger in `folder`. Those that it does not have are left out. */
export const runEvents = (folder: string, stories: ReadonlyArray<LabelStory>): ReadonlyMap<string, RunEvent> => {
  const wanted = new Set(stories.flatMap(({ atoms }) => atoms.flatMap(leavesOf)))
  const sessions = new Set([...wanted].map((event) => event.slice(0, event.lastIndexOf("#"))))
  const who = new Map<string, string>()
  const events = new Map<string, RunEvent>()
  for (const { body, session, type } of readRecords(folder)) {
    if (!sessions.has(session)) continue
    if (type === "session.start") who.set(session, callerOf(body["principal"]))
    const event = `${session}#${text(body["exchange"])}`
    if (type !== "operation" || !wanted.has(event)) continue
    const asked = body["text"] ?? body["summary"] ?? `${text(body["phase"])} of operation ${text(body["of"])}`
    events.set(event, { who: who.get(session) ?? "somebody", asked: text(asked) })
  }
  return events
}

const leavesOf = (
  atom: Atom
): ReadonlyArray<string> => [
  eventOf(atom),
  ...(atom.from_label?.story === undefined ? [] : leavesOf(atom.from_label.story))
]

const text = (value: unknown): string => typeof value === "string" ? value : JSON.stringify(value) ?? ""

const callerOf = (principal: unknown): string => {
  const { actors = [], subject = "somebody" } = principal as {
    readonly subject?: string
    readonly actors?: ReadonlyArray<{ readonly subject?: string }>
  }
  return [subject, ...actors.map((actor) => actor.subject ?? "somebody")].join(" through ")
}
