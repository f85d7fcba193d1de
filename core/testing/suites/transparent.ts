import fc from "fast-check"
import { concatBytes } from "../../bytes/index.ts"
import type { Family } from "../../family/index.ts"
import { idlePlugin, openDoor } from "../plugins.ts"
import { Rig } from "../rig.ts"
import { cuts, runs } from "../runs.ts"
import type { Subject } from "../subject.ts"
import { same } from "./same.ts"

/**
 * Where no plugin minds, a client is told byte for byte what the upstream would have told it directly, however the
 * bytes are cut on their way.
 */
export const transparent = <F extends Family>(subject: Subject<F>, cases?: number): void =>
  fc.assert(
    fc.property(subject.scripts, cuts, fc.boolean(), (script, places, watched) => {
      const rig = new Rig(subject, { plugins: watched ? [openDoor, idlePlugin] : [openDoor] }).login(subject)
      const before = rig.downstream.bytes().length
      for (const bytes of script) rig.send(bytes, places)
      same(`${subject.name}: what the client reads`, rig.downstream.bytes().subarray(before), direct(subject, script))
    }),
    runs(cases)
  )

/** What the upstream answers a client that needs no gateway. */
const direct = <F extends Family>(subject: Subject<F>, script: ReadonlyArray<Uint8Array>): Uint8Array => {
  const rig = new Rig(subject, { plugins: [openDoor] }).login(subject)
  const server = rig.server
  return concatBytes(script.map((bytes) => server.receive(bytes)))
}
