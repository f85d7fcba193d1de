import type { PolicyDocument } from "../../../core/index.ts"
import type { Problems } from "../problem.ts"
import type { ResidencySection } from "../schema.ts"
import type { Party } from "../schema/party.ts"
import type { WorldMatch, WorldParty } from "../world.ts"
import { overlap } from "./glob.ts"
import { checkKnown, checkName } from "./names.ts"
import type { PlaceSet } from "./zones.ts"

const path = ["residency", "parties"]

/** How specific a match is: exact subject, subject pattern, group, issuer alone. */
const rank = (match: WorldMatch): number => {
  if (match.subject !== undefined) return match.pattern ? 1 : 0
  return match.group !== undefined ? 2 : 3
}

/** Compiles the parties, the most specific first. */
export const compileParties = (
  section: ResidencySection,
  document: PolicyDocument,
  zones: ReadonlyMap<string, PlaceSet>,
  problems: Problems
): ReadonlyArray<WorldParty> => {
  const parties: Array<WorldParty> = []
  for (const [name, party] of Object.entries(section.parties)) {
    checkName([...path, name], name, "party", ["any", "gateway", "recorder", "unknown"], problems)
    checkPlaces(name, party, zones, problems)
    parties.push({
      name,
      match: compileMatch(name, party, document, problems),
      at: party.at,
      under: party.under,
      agent: party.agent || party.model !== undefined,
      model: party.model,
      clearance: new Set(party.clearance.flatMap((zone) => [...zones.get(zone) ?? []])),
      evidence: party.evidence
    })
  }
  warnOfTies(parties, problems)
  return parties.toSorted((a, b) => rank(a.match) - rank(b.match))
}

const checkPlaces = (name: string, party: Party, zones: ReadonlyMap<string, PlaceSet>, problems: Problems): void => {
  const place = (at: Party["at"], ...key: ReadonlyArray<string>): void => {
    if (typeof at === "string" && at !== "unknown")
      checkKnown([...path, name, ...key], at, "zone", zones, problems)
  }
  place(party.at, "at")
  place(party.model?.at, "model", "at")
  place(party.under, "under")
  place(party.model?.under, "model", "under")
  for (const [index, zone] of party.clearance.entries()) {
    checkKnown([...path, name, "clearance", index], zone, "zone", zones, problems)
  }
  if (party.at === undefined || party.at === "unknown") {
    problems.warn(
      [...path, name],
      `party ${name} is at no known place: every read and write of data will be denied`,
      "Say where it is with `at`."
    )
  }
  if (party.clearance.length === 0) {
    problems.warn(
      [...path, name],
      `party ${name} has no clearance: every read and write of data will be denied`,
      "Name the zones it may touch under `clearance`."
    )
  }
}

const compileMatch = (name: string, party: Party, document: PolicyDocument, problems: Problems): WorldMatch => {
  const { issuer, subject, group } = party.match
  const at = [...path, name, "match"]
  if (issuer === undefined && subject === undefined && group === undefined) {
    problems.error(at, `party ${name} would match everyone`, "Name a subject, a group or an issuer.")
  } else if (issuer === undefined && document.issuers.length > 1) {
    problems.error(
      at,
      `party ${name} names no issuer, and several are trusted`,
      `Name the issuer: ${document.issuers.join(", ")}.`
    )
  } else if (issuer !== undefined && document.issuers.length > 0 && !document.issuers.includes(issuer)) {
    problems.warn(
      [...at, "issuer"],
      `party ${name} can match nobody: its issuer is not trusted`,
      `Trusted: ${document.issuers.join(", ")}.`
    )
  }
  return {
    issuer: issuer ?? (document.issuers.length === 1 ? document.issuers[0] : undefined),
    subject,
    pattern: subject?.includes("*") ?? false,
    group
  }
}

/** Whether one identity can match both equally well. */
const tie = (a: WorldMatch, b: WorldMatch): boolean => {
  if (rank(a) !== rank(b)) return false
  if (a.issuer !== undefined && b.issuer !== undefined && a.issuer !== b.issuer) return false
  if (a.subject === undefined || b.subject === undefined) return true
  return a.pattern ? overlap(a.subject, b.subject) : a.subject === b.subject
}

/** At most one warning for each party: it names the earlier ones that win over it. */
const warnOfTies = (parties: ReadonlyArray<WorldParty>, problems: Problems): void => {
  for (const [index, party] of parties.entries()) {
    const winners = parties.slice(0, index).filter((other) => tie(other.match, party.match)).map((other) => other.name)
    if (winners.length === 0) continue
    const names = winners.length > 4 ? `${winners.slice(0, 4).join(", ")}…` : winners.join(", ")
    problems.warn(
      [...path, party.name, "match"],
      `an identity may match ${party.name} and ${names} equally: the one that stands first in the file wins`,
      "Make one of them more specific, or keep the stricter one first."
    )
  }
}
