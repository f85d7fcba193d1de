export { Detector } from "./detector.ts"
export { openMemory } from "./keeping.ts"
export { type Decided, Memory } from "./memory.ts"
export { detectionFields } from "./options.ts"
