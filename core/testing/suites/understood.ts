import fc from "fast-check"
import type { Family } from "../../family/index.ts"
import { openDoor } from "../plugins.ts"
import { Rig } from "../rig.ts"
import { runs } from "../runs.ts"
import type { Subject } from "../subject.ts"

/** A message type outside the table never crosses, in either direction: the session ends. */
export const understood = <F extends Family>(subject: Subject<F>, cases?: number): void =>
  fc.assert(
    fc.property(subject.unknown, ({ bytes, side }) => {
      const rig = new Rig(subject, { plugins: [openDoor] }).login(subject)
      rig.send(subject.operation("before"))
      const across = side === "downstream" ? rig.upstream : rig.downstream
      const before = across.bytes().length
      rig.relay.events[side].received(bytes.slice())
      if (rig.closed !== "violation") throw new Error(`${subject.name}: the session is ${rig.closed ?? "still open"}`)
      if (Buffer.from(across.bytes().subarray(before)).includes(Buffer.from(bytes))) {
        throw new Error(`${subject.name}: a message that is not understood crossed`)
      }
    }),
    runs(cases)
  )
