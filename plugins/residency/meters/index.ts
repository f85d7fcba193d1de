export { openMeters } from "./open.ts"
export { Tallier, Tally } from "./tallier.ts"
