import type { Plan } from "../../core/gateway/index.ts"
import type { Parts } from "../parts.ts"
import type { Problem } from "../problem.ts"
import type { File } from "../schema/index.ts"
import { checkAddresses } from "./addresses.ts"
import { checkFiles } from "./files.ts"
import { checkPipelines } from "./pipelines.ts"
import { checkServices, checkState } from "./services.ts"
import { checkTests } from "./tests.ts"

/** A file that decodes, and what was made of it. */
export interface Draft {
  readonly file: File
  readonly plan: Plan
  readonly parts: Parts
  readonly directory: string
}

/** Everything that a schema cannot say. */
export const checkAll = (draft: Draft): ReadonlyArray<Problem> => [
  ...checkAddresses(draft),
  ...checkServices(draft),
  ...checkState(draft),
  ...checkPipelines(draft),
  ...checkFiles(draft),
  ...checkTests(draft)
]
