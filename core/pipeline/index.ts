export { type Held, held } from "./held.ts"
export type { ConnectedPlugin } from "./hook-list.ts"
export { Known, LoginFacts } from "./known.ts"
export { type OnFault, type Reanalyse, Stages } from "./stages.ts"
