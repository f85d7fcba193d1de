import { loadModule } from "libpg-query"
import { parentPort } from "node:worker_threads"
import { columnKey, type ColumnRef, type Projection, type TableRef } from "../../../../core/family/sql/index.ts"
import { Assembly } from "../catalogue/parts.ts"
import { examine } from "../examine.ts"
import { noNames } from "../session-names.ts"
import { project, unprojected } from "../rewrite/project.ts"
import {
  type FromThread,
  type LargeQuestion,
  type ProjectionAnswers,
  tableKey,
  type ToThread
} from "./large-question.ts"
import { defined } from "./overlay.ts"
import { withoutLargeTrees } from "./large-trees.ts"

/** The most columns and tables that a projection may be asked of: whoever answers does so in one turn. */
const asksMax = 5000

// The thread that `LargeThread` starts. It keeps the catalogue, which is by far the largest part of a question.
const catalogue = new Assembly()
await loadModule()

const say = (said: FromThread): void => parentPort?.postMessage(said)

parentPort?.on("message", (told: ToThread) => {
  if (told._tag === "Part") return catalogue.add(told.part)
  say({ _tag: "Begun" })
  say(answer(told.question))
})

const answer = ({ definitions, major, projection, text }: LargeQuestion): FromThread => {
  const snapshot = defined(catalogue.snapshot, definitions)
  if (snapshot === undefined) return unprojected("a definition of this session could not be followed", "Commit first.")
  if (projection === undefined) {
    return { _tag: "Examined", examined: withoutLargeTrees(examine(text, snapshot, noNames, major)) }
  }
  const asking = new Asking(projection)
  const projected = project(text, { snapshot, names: noNames, major }, asking.projection)
  const { columns, tables } = asking
  if (columns.size + tables.size > asksMax) {
    return unprojected("it reads more columns than are masked in one statement", "Read fewer tables in one statement.")
  }
  if (columns.size + tables.size > 0) {
    return { _tag: "Asks", columns: [...columns.values()], tables: [...tables.values()] }
  }
  return "_tag" in projected ? projected : { _tag: "Projected", ...projected }
}

/** A projection that answers what is known, and notes what is not. */
class Asking {
  readonly columns = new Map<string, ColumnRef>()
  readonly tables = new Map<string, TableRef>()
  readonly projection: Projection

  constructor({ masks, rows }: ProjectionAnswers) {
    this.projection = {
      ...(masks === undefined ? {} : { mask: (ref) => this.#known(masks, this.columns, columnKey(ref), ref) }),
      ...(rows === undefined ? {} : { rows: (ref) => this.#known(rows, this.tables, tableKey(ref), ref) })
    }
  }

  #known<A, Ref>(answers: ReadonlyMap<string, A>, asked: Map<string, Ref>, key: string, ref: Ref): A | undefined {
    if (!answers.has(key)) asked.set(key, ref)
    return answers.get(key)
  }
}
