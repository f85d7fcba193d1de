/**
 * What plugins and protocols are written with. Nothing else of the core is reachable from outside.
 */
export * from "./exchange/index.ts"
export * from "./family/index.ts"
export * from "./plugin/index.ts"
export type { AnyConfig, Reader } from "./protocol/index.ts"
