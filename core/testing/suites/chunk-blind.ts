import fc from "fast-check"
import type { Family } from "../../family/index.ts"
import { idlePlugin, openDoor } from "../plugins.ts"
import { cutAt, Rig } from "../rig.ts"
import { cuts, runs } from "../runs.ts"
import type { Subject } from "../subject.ts"
import { same } from "./same.ts"

/** What is understood, decided and sent does not depend on where the chunks split, on either side. */
export const chunkBlind = <F extends Family>(subject: Subject<F>, cases?: number): void =>
  fc.assert(
    fc.property(subject.scripts, cuts, cuts, (script, down, up) => {
      const whole = play(subject, script, [], [])
      const cut = play(subject, script, down, up)
      same(`${subject.name}: what the client reads`, cut.downstream.bytes(), whole.downstream.bytes())
      same(`${subject.name}: what the upstream reads`, cut.upstream.bytes(), whole.upstream.bytes())
      if (cut.operations.length !== whole.operations.length) {
        throw new Error(`${cut.operations.length} operations were heard, ${whole.operations.length} uncut`)
      }
    }),
    runs(cases)
  )

const play = <F extends Family>(
  subject: Subject<F>,
  script: ReadonlyArray<Uint8Array>,
  down: ReadonlyArray<number>,
  up: ReadonlyArray<number>
): Rig<F> => {
  const rig = new Rig(subject, { plugins: [openDoor, idlePlugin] }).login(subject)
  for (const bytes of script) {
    // All of it arrives before the upstream answers: what is asked next may rightly depend on an answer.
    for (const piece of cutAt(bytes, down)) rig.relay.events.downstream.received(piece)
    rig.serve(up)
  }
  return rig
}
