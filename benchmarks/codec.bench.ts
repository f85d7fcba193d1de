import { concatBytes } from "../core/bytes/index.ts"
import type { Row, Sql } from "../core/family/sql/index.ts"
import type { ConnectedPlugin } from "../core/pipeline/index.ts"
import { ArrayPort, cutAt, openDoor, pluginOf, Rig, type Subject } from "../core/testing/index.ts"
import { message } from "../protocols/postgres/messages/message-builder.ts"
import { client } from "../test/fixtures/client-messages.ts"
import { postgresSubject } from "../test/fixtures/postgres-subject.ts"
import type { Figure } from "./measure/figure.ts"
import { compare, micro } from "./measure/micro.ts"

const ROWS = 5000
const CHUNK_BYTES = 65536

const mask = new TextEncoder().encode("***-**-****")

/** Replaces the fourth of the six columns, as the masking plugin does once it has made its plan. */
const masking: ConnectedPlugin = pluginOf("masking", () => ({
  transform: (output) => {
    if (output.kind === "row") (output as Row).replace(3, mask)
  }
}))

const watching: ConnectedPlugin = pluginOf("watching", () => ({ transform: () => {} }))

/** What the codec, the stages and the relay cost without sockets: rows of a large result, and small statements. */
export const measure = function*(): Iterable<Figure> {
  const answer = largeAnswer()
  const rows = (...plugins: ReadonlyArray<ConnectedPlugin>) => playLarge(answer, plugins)
  yield compare("codec: a row, one of six columns masked", "ns", ROWS, rows(masking), "untouched", rows())
  yield compare("codec: a row, watched by one plugin", "ns", ROWS, rows(watching), "untouched", rows())
  yield throughput("codec: rows untouched", answer, rows())
  yield throughput("codec: rows masked", answer, rows(masking))
  yield micro("codec: a simple query and its answer", "ns", 100, playSmall())
}

const throughput = (name: string, answer: ReadonlyArray<Uint8Array>, run: () => void): Figure => {
  const bytes = answer.reduce((sum, chunk) => sum + chunk.length, 0)
  const { max, min, runs, value } = micro(name, "ns", 1, run)
  const rate = (nanoseconds: number): number => Number((bytes / nanoseconds * 1000).toPrecision(4))
  return { name, unit: "MB/s", runs, value: rate(value), min: rate(max), max: rate(min) }
}

/** A port that throws away what is written, so that only our own work is measured. */
class Sink extends ArrayPort {
  override write(): boolean {
    return true
  }
}

const rigFor = (subject: Subject<Sql>, plugins: ReadonlyArray<ConnectedPlugin>): Rig<Sql> => {
  const rig = new Rig(subject, { plugins: [openDoor, ...plugins] }).login(subject)
  const sink = new Sink()
  Object.assign(rig.downstream, { write: () => sink.write() })
  Object.assign(rig.upstream, { write: () => sink.write() })
  return rig
}

const playLarge = (answer: ReadonlyArray<Uint8Array>, plugins: ReadonlyArray<ConnectedPlugin>) => {
  const rig = rigFor(postgresSubject, plugins)
  const ask = client.query("rows")
  return () => {
    rig.relay.events.downstream.received(ask.slice())
    for (const chunk of answer) rig.relay.events.upstream.received(chunk)
  }
}

const playSmall = () => {
  const rig = rigFor(postgresSubject, [])
  const ask = client.query("select abalance from pgbench_accounts where aid = 1")
  const answer = concatBytes([description(1), row(["123456"]), completion("SELECT 1"), ready()])
  return () => {
    for (let i = 0; i < 100; i++) {
      rig.relay.events.downstream.received(ask)
      rig.relay.events.upstream.received(answer)
    }
  }
}

const largeAnswer = (): ReadonlyArray<Uint8Array> => {
  const values = ["100000", "Person 100000", "City 17", "078-05-1120", "0123456789abcdef0123456789abcdef", "125000.00"]
  const rows = Array.from({ length: ROWS }, () => row(values))
  const whole = concatBytes([description(6), ...rows, completion(`SELECT ${ROWS}`), ready()])
  return cutAt(whole, Array.from({ length: Math.ceil(whole.length / CHUNK_BYTES) }, (_, i) => i * CHUNK_BYTES))
}

const description = (columns: number): Uint8Array => {
  message.open(0x54).int16(columns)
  for (let i = 0; i < columns; i++) {
    message.text(`column${i}`).int32(16384).int16(i + 1).int32(25).int16(-1).int32(-1).int16(0)
  }
  return message.taken()
}

const row = (values: ReadonlyArray<string>): Uint8Array => {
  message.open(0x44).int16(values.length)
  for (const value of values) {
    const bytes = new TextEncoder().encode(value)
    message.int32(bytes.length).bytes(bytes)
  }
  return message.taken()
}

const completion = (tag: string): Uint8Array => message.open(0x43).text(tag).taken()

const ready = (): Uint8Array => message.open(0x5a).byte(0x49).taken()
