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

const order = ["identity", "unresolved", "unclassified", "clearance", "evidence", "residency", "rule"]
const grades = ["unknown", "asserted", "network", "workload", "attested"]

/** Every place of a zone; nothing for what is not one. */
const placesOf = (file: any, name: string): Array<string> => {
  const zone = file.zones[name]
  const isPlace = Object.values<any>(file.zones).some((other) => (other.includes ?? []).includes(name))
  if (zone === undefined) return isPlace ? [name] : []
  if (zone.includes === undefined) return [name]
  const out = (zone.excludes ?? []).flatMap((member: string) => placesOf(file, member))
  return zone.includes.flatMap((member: string) => placesOf(file, member)).filter((place: string) =>
    !out.includes(place)
  )
}

const inside = (file: any, name: string, zones: ReadonlyArray<string>): boolean => {
  const places = placesOf(file, name)
  const allowed = zones.flatMap((zone) => placesOf(file, zone))
  return places.length > 0 && places.every((place) => allowed.includes(place))
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

export const naive = (document: PolicyDocument, inputs: Inputs): NaiveAnswer => {
  const file = document.residency as any
  const { operation, principal, now } = inputs
  const upstream = document.pipelines.find(({ name }) => name === inputs.pipeline)!
  const codes: Array<string> = []
  const answers: Array<string> = []
  const obligations = new Set<string>()
  const people = [principal, ...principal.actors].map((who) => ({ who, party: partyOf(file, who) }))

  if (people.some(({ party }) => party === undefined)) codes.push("identity")

  const setsOf = (resources: ReadonlyArray<Resource>): Array<string> =>
    Object.keys(file.data_sets).filter((name) =>
      resources.some((resource) =>
        Object.keys(file.data_sets[name].on[inputs.pipeline]?.tables ?? {}).some((selector) =>
          resource.kind === "table" && [resource.name, ...resource.within ?? []].some((one) => wild(selector, one))
        )
      )
    )
  let reads = setsOf(operation.reads)
  let writes = setsOf(operation.writes)
  const here = Object.keys(file.data_sets).filter((name) => file.data_sets[name].on[inputs.pipeline] !== undefined)
  const endpoints = [...operation.reads, ...operation.writes].filter(({ kind }) => kind === "endpoint").map((
    { name }
  ) => name)
  if (operation.kind === "move" && endpoints.length === 0) endpoints.push("unknown")
  if (!operation.resolved) {
    if (file.unresolved === "approve") {
      answers.push("approve")
      reads = writes = here
    } else codes.push("unresolved")
  }
  if (operation.kind === "move" && reads.length + writes.length === 0) reads = here
  const loose = [...operation.reads, ...operation.writes].filter((resource) =>
    resource.kind === "table" && setsOf([resource]).length === 0
  )
  const internals = operation.reads.some(({ kind }) => kind === "internals")
    || operation.writes.some(({ kind }) => kind === "internals" || kind === "catalogue")
  if (internals || (loose.length > 0 && file.otherwise === "deny")) codes.push("unclassified")

  const quiet = operation.resolved && ["session", "read"].includes(operation.kind) && reads.length + writes.length === 0
    && loose.length + endpoints.length === 0 && !internals
  if (quiet) return answer(codes, answers, obligations)

  for (const { party } of people) {
    if (!inside(file, upstream.at, party?.clearance ?? [])) codes.push("clearance")
  }
  const sinks = people.flatMap(({ who, party }) => [
    { at: locate(party?.at, who), names: [party?.name], masks: true },
    ...(party?.model === undefined ? [] : [{ at: locate(party.model.at, who), names: [party.name], masks: true }])
  ])
  sinks.push({ at: document.gateway.at, names: ["gateway"], masks: false })
  if (document.recorder !== undefined) sinks.push({ at: document.recorder.at, names: ["recorder"], masks: true })
  const servers = endpoints.map((address) => {
    const declared = document.pipelines.filter((pipeline) => pipeline.address === address)
    return { at: declared[0]?.at ?? "", names: declared.map(({ name }) => `upstream:${name}`), masks: false }
  })
  if (servers.some(({ at }) => placesOf(file, at).length === 0)) codes.push("residency")

  for (const name of new Set([...reads, ...writes])) {
    const demanded = grades.indexOf(file.data_sets[name].evidence ?? "unknown")
    for (const [index, { who, party }] of people.entries()) {
      const proof = index === 0 ? principal.evidence : "asserted"
      const grade = (at: any, said: any): number =>
        placesOf(file, locate(at, who)).length === 0 ? 0 : grades.indexOf(said ?? proof)
      if (grade(party?.at, party?.evidence) < demanded) codes.push("evidence")
      if (party?.model && grade(party.model.at, party.model.evidence ?? party.evidence) < demanded)
        codes.push("evidence")
    }
  }

  const pair = (name: string, sink: { at: string; names: Array<string>; masks: boolean }, read: boolean): void => {
    const set = file.data_sets[name]
    const covered = (entry: any): boolean =>
      live(entry, now)
      && ((entry.data_sets ?? []).includes(name)
        || (entry.classes ?? []).some((one: string) => set.classes.includes(one)))
      && (entry.recipients === "any" || sink.names.some((one) => entry.recipients.includes(one)))
      && entry.operations.includes(operation.kind)
      && inside(file, sink.at, [entry.to])
    if (placesOf(file, sink.at).length === 0) return void codes.push("residency")
    if (inside(file, sink.at, set.home)) return
    if (read && sink.masks && set.masked === "leaves" && inputs.seen[name] === "masked") return
    const usable = file.transfers.filter((entry: any) =>
      covered(entry) && inside(file, upstream.at, [entry.from])
      && (!entry.requires.includes("mask") || (read && sink.masks))
    )
    for (const wanted of [[], ["mask"], ["approve"], ["approve", "mask"]]) {
      const found = usable.filter((entry: any) => [...new Set(entry.requires)].sort().join() === wanted.join())
        .map(({ id }: any) => id).sort()[0]
      if (found === undefined) continue
      for (const one of wanted) obligations.add(`${one} ${name} ${found}`)
      if (wanted.length > 0) answers.push(wanted[0]!)
      return
    }
    if (file.exceptions.some(covered)) return
    if (set.otherwise === "approve") answers.push("approve")
    else codes.push("residency")
  }
  for (const sink of sinks) {
    for (const name of reads) pair(name, sink, true)
    for (const name of writes) pair(name, sink, false)
  }
  for (const name of writes) pair(name, { at: upstream.at, names: [`upstream:${upstream.name}`], masks: false }, false)
  for (const server of servers) for (const name of new Set([...reads, ...writes])) pair(name, server, false)

  for (const rule of file.rules) {
    const [, word, value] = /^(\w+) (.*)$/.exec(rule.name)!
    const applies = word === "kind"
      ? operation.kind === value
      : word === "party"
      ? (people[0]?.party?.name ?? "") === value
      : [...reads, ...writes].some((name) => file.data_sets[name].classes.includes(value))
    if (!applies) continue
    if (rule.then === "deny") codes.push("rule")
    const read = [
      ...reads,
      ...operation.reads.filter((one) => loose.includes(one)).map((one) => `unclassified:${one.name}`)
    ]
    if (rule.then === "mask") {
      for (const name of read) {
        answers.push("mask")
        obligations.add(`mask ${name} ${rule.name}`)
      }
    }
    if (rule.then === "approve") {
      answers.push("approve")
      for (const name of [...read, ...writes]) obligations.add(`approve ${name} ${rule.name}`)
    }
  }
  return answer(codes, answers, obligations)
}

const answer = (
  codes: ReadonlyArray<string>,
  answers: ReadonlyArray<string>,
  obligations: ReadonlySet<string>
): NaiveAnswer => ({
  decision: codes.length > 0 ? "deny" : ["approve", "mask"].find((one) => answers.includes(one)) ?? "allow",
  code: order.find((one) => codes.includes(one)),
  obligations: [...obligations].sort()
})
