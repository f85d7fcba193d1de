export { Stages } from "./stages.ts"
