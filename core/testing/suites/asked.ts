import fc from "fast-check"
import type { Family } from "../../family/index.ts"
import { openDoor } from "../plugins.ts"
import { Rig } from "../rig.ts"
import { runs } from "../runs.ts"
import type { Subject } from "../subject.ts"

/** An answer that nobody asked for never reaches the client: the session ends, and the fault is the upstream's. */
export const asked = <F extends Family>(subject: Subject<F>, cases?: number): void =>
  fc.assert(
    fc.property(subject.unasked, fc.nat({ max: 3 }), (answer, before) => {
      const rig = new Rig(subject, { plugins: [openDoor] }).login(subject)
      for (let i = 0; i < before; i++) rig.send(subject.operation(`o${i}`))
      const sent = rig.downstream.bytes().length
      rig.relay.events.upstream.received(answer.slice())
      if (rig.closed !== "violation") throw new Error(`${subject.name}: the session is ${rig.closed ?? "still open"}`)
      if (Buffer.from(rig.downstream.bytes().subarray(sent)).includes(Buffer.from(answer))) {
        throw new Error(`${subject.name}: an answer that nobody asked for reached the client`)
      }
    }),
    runs(cases)
  )
