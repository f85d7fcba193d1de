import type { ConfinedTable, Statement } from "../../../../core/family/sql/index.ts"
import { AskedStatement } from "../../statement.ts"

/** The most of a text that a client is shown of what ran in place of its own, in characters. */
const NOTE_CHARACTERS_MAX = 2000

/** The text that runs in place of the asked one, with the asked one's parameters and in its phase. */
export class RewrittenStatement extends AskedStatement {
  override readonly rewritten = true
  readonly confined: ReadonlyArray<ConfinedTable>
  readonly note: string | undefined

  constructor(asked: Statement, text: string, confined: ReadonlyArray<ConfinedTable>, told: boolean) {
    super(text, asked.phase, asked.parameters)
    this.confined = [...asked.confined ?? [], ...confined]
    // Told once: what is bound and run again was told when it was prepared.
    this.note = told && (asked.phase === "simple" || asked.phase === "prepare") ? noteOf(text) : undefined
  }
}

const noteOf = (text: string): string =>
  `Ran with masks in place of protected columns, as: ${
    text.length > NOTE_CHARACTERS_MAX ? `${text.slice(0, NOTE_CHARACTERS_MAX)}…` : text
  }`
