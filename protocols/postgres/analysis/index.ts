export { AnalysedStatement } from "./analysed-statement.ts"
export { analysis } from "./analysis.ts"
export type { Finding } from "./finding.ts"
