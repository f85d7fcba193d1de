import fc from "fast-check"
import type { Family } from "../../family/index.ts"
import { idlePlugin, openDoor } from "../plugins.ts"
import { Rig } from "../rig.ts"
import { runs } from "../runs.ts"
import type { Subject } from "../subject.ts"

const BUFFERED_BYTES_MAX = 1 << 16

/**
 * Any bytes from either side: nothing throws, what is kept stays under the limit, and what follows a violation changes
 * nothing any more. Garbage alone is weak, so half of the cases bend messages of a real conversation.
 */
export const total = <F extends Family>(subject: Subject<F>, cases?: number): void => {
  const garbage = fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 12 })
  fc.assert(
    fc.property(fc.boolean(), garbage, garbage, subject.scripts, fc.array(flip, { maxLength: 6 }), (...drawn) => {
      const [inside, down, up, script, flips] = drawn
      const rig = new Rig(subject, { plugins: [openDoor, idlePlugin], limits: { messageBytesMax: 4096 } })
      if (inside) rig.login(subject)
      for (const bytes of script) rig.send(bend(bytes, flips))
      for (const bytes of down) rig.relay.events.downstream.received(bytes.slice())
      for (const bytes of up) rig.relay.events.upstream.received(bytes.slice())
      check(subject, rig)
    }),
    runs(cases)
  )
}

const check = <F extends Family>(subject: Subject<F>, rig: Rig<F>): void => {
  if (rig.faults.length > 0) throw new Error(`${subject.name} threw: ${rig.faults.join(", ")}`)
  for (const side of ["downstream", "upstream"] as const) {
    const kept = rig.codec.buffered(side)
    if (kept > BUFFERED_BYTES_MAX) throw new Error(`${subject.name} keeps ${kept} bytes of ${side}`)
  }
  if (rig.closed === undefined) return
  const before = [rig.downstream.bytes().length, rig.upstream.bytes().length]
  rig.relay.events.downstream.received(subject.operation("late"))
  rig.relay.events.upstream.received(subject.operation("late"))
  const after = [rig.downstream.bytes().length, rig.upstream.bytes().length]
  if (String(before) !== String(after)) throw new Error(`${subject.name} went on after its session had closed`)
}

const flip = fc.record({ at: fc.nat({ max: 4096 }), to: fc.nat({ max: 255 }) })

const bend = (bytes: Uint8Array, flips: ReadonlyArray<{ readonly at: number; readonly to: number }>): Uint8Array => {
  const bent = bytes.slice()
  for (const { at, to } of flips) if (bent.length > 0) bent[at % bent.length] = to
  return bent
}
