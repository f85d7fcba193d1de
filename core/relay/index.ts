export { Admitted, Conversation, type ConversationRoom } from "./conversation.ts"
export type { Port, PortEvents } from "./port.ts"
export { Relay } from "./relay.ts"
export type { Observer, Run, RunResult, Surroundings } from "./surroundings.ts"
