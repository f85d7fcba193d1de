import type { PolicyDocument, Resource } from "../../../core/index.ts"
import type { Inputs } from "../../../plugins/residency/engine/inputs.ts"

/**
 * The decision once more, straight from the text of the model and from the file as it was written: no compiled world,
 * no sets, no order, everything by brute force. It shares no code with the engine, so that both would have to be wrong
 * in the same way.
 */
export interface NaiveAnswer {
  readonly decision: string
  readonly code: string | undefined
  /** `obligation data_set cites`, sorted. */
  readonly obligations: ReadonlyArray<string>
}

const order = ["identity", "unresolved", "unclassified", "clearance", "evidence", "residency", "taint", "rule"]
const grades = ["unknown", "asserted", "network", "workload", "attested"]

/** Every place of a zone; nothing for what is not one. */
const placesOf = (file: any, name: string): Array<string> => {
  const zone = file.zones[name]
  const isPlace = Object.values<any>(file.zones).some((other) => (other.includes ?? []).includes(name))
  if (zone === undefined) return isPlace ? [name] : []
  if (zone.includes === undefined) return [name]
  const out = new Set((zone.excludes ?? []).flatMap((member: string) => placesOf(file, member)))
  return zone.includes.flatMap((member: string) => placesOf(file, member)).filter((place: string) => !out.has(place))
}

const inside = (file: any, name: string, zones: ReadonlyArray<string>): boolean => {
  const places = placesOf(file, name)
  const allowed = new Set(zones.flatMap((zone) => placesOf(file, zone)))
  return places.length > 0 && places.every((place) => allowed.has(place))
}

const wild = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.split("*").map((part) => part.replace(/[.\\+?^${}()|[\]]/g, "\\$&")).join(".*")}$`).test(text)

const partyOf = (file: any, who: any): any => {
  const fit = Object.entries<any>(file.parties).filter(([, { match }]) =>
    (match.issuer ?? who.issuer) === who.issuer
    && (match.group === undefined || who.groups.includes(match.group))
    && (match.subject === undefined || wild(match.subject, who.subject))
  )
  const rank = ({ match }: any): number =>
    match.subject !== undefined ? (match.subject.includes("*") ? 1 : 0) : match.group !== undefined ? 2 : 3
  const best = Math.min(...fit.map(([, party]) => rank(party)))
  const [name, party] = fit.find(([, candidate]) => rank(candidate) === best) ?? []
  return party === undefined ? undefined : { name, ...party }
}

const locate = (at: any, who: any): string => (typeof at === "object" ? String(who.claims[at.claim] ?? "") : at ?? "")

/** Milliseconds at which an entry begins and ends, from the text. */
const live = (entry: any, now: number): boolean => {
  const start = entry.valid_from === undefined ? -Infinity : Date.parse(entry.valid_from)
  const day = String(entry.valid_until ?? "").length === 10
  const end = entry.valid_until === undefined ? Infinity : Date.parse(entry.valid_until) + (day ? 24 * 3600 * 1000 : 0)
  return start <= now && now < end
}

/** What has been found so far. */
interface Found {
  readonly file: any
  readonly inputs: Inputs
  readonly upstream: PolicyDocument["pipelines"][number]
  readonly codes: Array<string>
  readonly answers: Array<string>
  readonly obligations: Set<string>
}

interface NaiveSink {
  readonly at: string
  readonly names: ReadonlyArray<string>
  readonly masks: boolean
}

export const naive = (document: PolicyDocument, inputs: Inputs): NaiveAnswer => {
  const file = document.residency as any
  const upstream = document.pipelines.find(({ name }) => name === inputs.pipeline)!
  const found: Found = { file, inputs, upstream, codes: [], answers: [], obligations: new Set() }
  const { principal } = inputs
  const people = [principal, ...principal.actors].map((who) => ({ who, party: partyOf(file, who) }))
  if (people.some(({ party }) => party === undefined)) found.codes.push("identity")
  const touched = touch(found)
  const own = { at: upstream.at, names: [`upstream:${upstream.name}`], masks: false }
  if (touched.quiet) {
    carried(found, own, [])
    return answer(found)
  }
  const sets = [...touched.reads, ...touched.writes]
  const plain = sets.length === 0 || sets.some((name) => file.data_sets[name].zone_by === undefined)
    || touched.loose.length > 0 || touched.endpoints.length > 0 || touched.internals
  for (const { party } of people) {
    const cleared = party?.clearance ?? []
    if (plain && !inside(file, upstream.at, cleared)) found.codes.push("clearance")
    for (const name of sets.filter((one) => file.data_sets[one].zone_by !== undefined)) {
      const ways = [touched.reads.includes(name) ? "read" : "", touched.writes.includes(name) ? "written" : ""] as const
      if (ways[0] === "" && nothingYet(found, name)) continue
      const homes = ways.flatMap((way) => way === "" ? [] : rowHomes(found, name, way))
      if (homes.length === 0 || !homes.every((home) => inside(file, home, cleared))) found.codes.push("clearance")
    }
  }
  proofs(found, people, touched)
  for (const sink of sinksOf(document, people)) {
    for (const name of touched.reads) pair(found, name, sink, "read")
    for (const name of touched.writes) pair(found, name, sink, "written")
  }
  for (const name of touched.writes) pair(found, name, own, "written")
  const servers: Array<NaiveSink> = []
  for (const address of touched.endpoints) {
    const declared = document.pipelines.filter((pipeline) => pipeline.address === address)
    const server = { at: declared[0]?.at ?? "", names: declared.map(({ name }) => `upstream:${name}`), masks: false }
    servers.push(server)
    if (placesOf(file, server.at).length === 0) found.codes.push("residency")
    for (const name of new Set([...touched.reads, ...touched.writes])) pair(found, name, server, "shipped")
  }
  carried(found, own, servers)
  ruled(found, people[0]?.party?.name ?? "", touched)
  return answer(found)
}

type Way = "read" | "written" | "shipped"

/** Whether a statement that writes rows is only prepared: none of them is known, and none is written. */
const nothingYet = ({ inputs }: Found, name: string): boolean => inputs.written?.[name]?.length === 0

/** The homes that a row of the data set may have, in a statement that may be confined to some. */
const rowHomes = ({ file, inputs }: Found, name: string, way: Way): ReadonlyArray<string> => {
  const confined = way === "shipped" ? undefined : (way === "read" ? inputs.homes : inputs.written)?.[name]
  return file.data_sets[name].home.filter((home: string) => confined === undefined || confined.includes(home))
}

interface NaiveTouched {
  readonly reads: ReadonlyArray<string>
  readonly writes: ReadonlyArray<string>
  readonly loose: ReadonlyArray<Resource>
  readonly endpoints: ReadonlyArray<string>
  readonly internals: boolean
  readonly quiet: boolean
}

const touch = ({ file, inputs, codes, answers }: Found): NaiveTouched => {
  const { operation, pipeline } = inputs
  const setsOf = (resources: ReadonlyArray<Resource>): Array<string> =>
    Object.keys(file.data_sets).filter((name) =>
      resources.some((resource) =>
        Object.keys(file.data_sets[name].on[pipeline]?.tables ?? {}).some((selector) =>
          resource.kind === "table" && [resource.name, ...resource.within ?? []].some((one) => wild(selector, one))
        )
      )
    )
  let reads = setsOf(operation.reads)
  let writes = setsOf(operation.writes)
  const here = Object.keys(file.data_sets).filter((name) => file.data_sets[name].on[pipeline] !== undefined)
  const all = [...operation.reads, ...operation.writes]
  const endpoints = all.filter(({ kind }) => kind === "endpoint").map(({ name }) => name)
  if (operation.kind === "move" && endpoints.length === 0) endpoints.push("unknown")
  if (!operation.resolved) {
    if (file.unresolved === "approve") {
      answers.push("approve")
      reads = writes = here
    } else codes.push("unresolved")
  }
  if (operation.kind === "move" && reads.length + writes.length === 0) reads = here
  const loose = all.filter((resource) => resource.kind === "table" && setsOf([resource]).length === 0)
  const internals = operation.reads.some(({ kind }) => kind === "internals")
    || operation.writes.some(({ kind }) => kind === "internals" || kind === "catalogue")
  if (internals || (loose.length > 0 && file.otherwise === "deny")) codes.push("unclassified")
  const mild = operation.resolved && ["session", "read"].includes(operation.kind)
  const quiet = mild && !internals && reads.length + writes.length + loose.length + endpoints.length === 0
  return { reads, writes, loose, endpoints, internals, quiet }
}

const sinksOf = (document: PolicyDocument, people: ReadonlyArray<any>): ReadonlyArray<NaiveSink> => [
  ...people.flatMap(({ who, party }) => [
    { at: locate(party?.at, who), names: [party?.name], masks: true },
    ...(party?.model === undefined ? [] : [{ at: locate(party.model.at, who), names: [party.name], masks: true }])
  ]),
  { at: document.gateway.at, names: ["gateway"], masks: false },
  ...(document.recorder === undefined ? [] : [{ at: document.recorder.at, names: ["recorder"], masks: true }])
]

const proofs = ({ file, inputs, codes }: Found, people: ReadonlyArray<any>, { reads, writes }: NaiveTouched): void => {
  for (const name of new Set([...reads, ...writes])) {
    const demanded = grades.indexOf(file.data_sets[name].evidence ?? "unknown")
    for (const [index, { who, party }] of people.entries()) {
      const proof = index === 0 ? inputs.principal.evidence : "asserted"
      const grade = (at: any, said: any): number =>
        placesOf(file, locate(at, who)).length === 0 ? 0 : grades.indexOf(said ?? proof)
      if (grade(party?.at, party?.evidence) < demanded) codes.push("evidence")
      if (party?.model && grade(party.model.at, party.model.evidence ?? party.evidence) < demanded)
        codes.push("evidence")
    }
  }
}

/** Whatever the run has seen may be in what it sends: it is written wherever the operation goes. */
const carried = (found: Found, own: NaiveSink, servers: ReadonlyArray<NaiveSink>): void => {
  const { file, inputs: { operation, taint } } = found
  const mode = file.taint?.mode ?? "balanced"
  if (taint === undefined || mode === "off") return
  const mild = operation.resolved && operation.writes.length === 0
    && ["read", "export", "session"].includes(operation.kind)
  const words = taint.literals
  const few = words !== undefined && words.longest <= 64
    && words.spent + words.bytes <= (file.taint?.literal_bytes_max ?? 512)
  if (mode === "balanced" && mild && few) return
  const judge = (atom: any, sink: NaiveSink): void => {
    const set = file.data_sets[atom.data_set]
    const lost = set === undefined || placesOf(file, sink.at).length === 0
    if (!lost && set.masked === "leaves" && atom.form === "masked") return
    if (!lost && set.aggregates?.leaves === true && atom.form === "aggregate") return
    const alone: Found = {
      ...found,
      inputs: { ...found.inputs, operation: { ...operation, kind: "write" } },
      upstream: { ...found.upstream, at: atom.from },
      codes: []
    }
    const known = !lost && set.zone_by !== undefined && atom.homes?.every((home: string) => set.home.includes(home))
    const rows = { ...alone, inputs: { ...alone.inputs, written: { [atom.data_set]: atom.homes } } }
    if (!lost) pair(known ? rows : alone, atom.data_set, sink, known ? "written" : "shipped")
    if (lost || alone.codes.length > 0) found.codes.push("taint")
  }
  for (const atom of taint.atoms) judge(atom, own)
  for (const server of servers) for (const atom of [...taint.atoms, ...taint.shipped ?? []]) judge(atom, server)
}

const pair = (found: Found, name: string, sink: NaiveSink, way: Way): void => {
  const read = way === "read"
  const { file, inputs, upstream, codes, answers, obligations } = found
  const set = file.data_sets[name]
  const covered = (entry: any): boolean =>
    live(entry, inputs.now)
    && ((entry.data_sets ?? []).includes(name)
      || (entry.classes ?? []).some((one: string) => set.classes.includes(one)))
    && (entry.recipients === "any" || sink.names.some((one) => entry.recipients.includes(one)))
    && entry.operations.includes(inputs.operation.kind)
    && inside(file, sink.at, [entry.to])
  if (placesOf(file, sink.at).length === 0) return void codes.push("residency")
  if (set.zone_by === undefined && inside(file, sink.at, set.home)) return
  if (set.zone_by !== undefined && way === "written" && nothingYet(found, name)) return
  // What is shipped away is of any home.
  const homes = set.zone_by === undefined ? [] : rowHomes(found, name, way)
  if (homes.length > 0 && homes.every((home) => inside(file, sink.at, [home]))) return
  if (read && sink.masks && set.masked === "leaves" && inputs.seen[name] === "masked") return
  const spent = ({ id, subjects_max }: any): string =>
    subjects_max === undefined
      ? ""
      : (inputs.spent ?? []).find((one) =>
        one.transfer === id && ["*", name].includes(one.data_set) && ["*", sink.names[0]].includes(one.recipient)
      )?.level ?? ""
  const usable = file.transfers.filter((entry: any) =>
    covered(entry) && inside(file, upstream.at, [entry.from])
    && (!entry.requires.includes("mask") || (read && sink.masks))
    && (entry.subjects_max === undefined || (read && spent(entry) !== "twice"))
  ).map((entry: any) => spent(entry) === "cap" ? { ...entry, requires: [...entry.requires, "approve"] } : entry)
  for (const wanted of [[], ["mask"], ["approve"], ["approve", "mask"]]) {
    const best = usable.filter((entry: any) =>
      ["mask", "approve"].every((one) =>
        wanted.includes(one) === entry.requires.includes(one)
      )
    )
      .map(({ id }: any) => id).toSorted()[0]
    if (best === undefined) continue
    for (const one of wanted) obligations.add(`${one} ${name} ${best}`)
    if (wanted.length > 0) answers.push(wanted[0]!)
    return
  }
  if (file.exceptions.some(covered)) return
  if (set.otherwise === "approve") answers.push("approve")
  else codes.push("residency")
}

/** The rules of the random files are named after what they mean. */
const ruled = (found: Found, caller: string, { reads, writes, loose }: NaiveTouched): void => {
  const { file, inputs, codes, answers, obligations } = found
  for (const rule of file.rules) {
    const [, word, value] = /^(\w+) (.*)$/.exec(rule.name)!
    const classes = [...reads, ...writes].flatMap((name) => file.data_sets[name].classes)
    const applies = word === "kind"
      ? inputs.operation.kind === value
      : word === "party"
      ? caller === value
      : classes.includes(value)
    if (!applies) continue
    const unclassified = inputs.operation.reads.filter((one) => loose.includes(one)).map((one) =>
      `unclassified:${one.name}`
    )
    const read = [...reads, ...unclassified]
    if (rule.then === "deny") codes.push("rule")
    else if (rule.then === "approve" || read.length > 0) answers.push(rule.then)
    if (rule.then === "mask") { for (const name of read) obligations.add(`mask ${name} ${rule.name}`) }
    if (rule.then === "approve") {
      for (const name of [...read, ...writes]) obligations.add(`approve ${name} ${rule.name}`)
    }
  }
}

const answer = ({ codes, answers, obligations }: Found): NaiveAnswer => ({
  decision: codes.length > 0 ? "deny" : ["approve", "mask"].find((one) => answers.includes(one)) ?? "allow",
  code: order.find((one) => codes.includes(one)),
  obligations: [...obligations].toSorted()
})
