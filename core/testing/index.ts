/**
 * The property suites that every protocol and every plugin can run, ours and anyone's. Each suite throws when its
 * property does not hold, so that it fits into any test runner.
 */
export { canaryDecodings, findCanary } from "./canary.ts"
export { idlePlugin, openDoor, pluginOf } from "./plugins.ts"
export { ArrayPort, cutAt, Rig, type RigOptions, run, VirtualClock } from "./rig.ts"
export { cuts, runs } from "./runs.ts"
export type { AnswerRead, FakeUpstream, Subject } from "./subject.ts"
export {
  asked,
  chunkBlind,
  closed,
  inTurn,
  type PluginSubject,
  total,
  transparent,
  understood,
  wellBehaved
} from "./suites/index.ts"
