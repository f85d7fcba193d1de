import * as Effect from "effect/Effect"
import { consumerOf, type SamlConfig } from "./config.ts"
import { provider } from "./provider.ts"
import { type LoginRefused, refused } from "./refused.ts"

/** What an identity provider vouched for. Read from the bytes that its signature covers, and from no others. */
export interface Assertion {
  readonly id: string
  readonly subject: string
  readonly groups: ReadonlyArray<string>
  readonly inResponseTo: string
  /** Milliseconds since the epoch, clock skew included: from then on it is refused for its age. */
  readonly until: number
}

const NAME_CHARACTERS_MAX = 255
const BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
const TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"

/** An element as node-saml hands it out: attributes, text, and children by local name. */
interface Element {
  readonly $?: Readonly<Record<string, string>>
  readonly _?: string
  readonly [child: string]: unknown
}

/** Checks a response that passed the guard. `now` in milliseconds since the epoch. */
export const verify = (
  xml: string,
  config: SamlConfig,
  certificates: ReadonlyArray<string>,
  now: number
): Effect.Effect<Assertion, LoginRefused> =>
  Effect.tryPromise({
    try: () =>
      provider(config, certificates).validatePostResponseAsync({ SAMLResponse: Buffer.from(xml).toString("base64") }),
    catch: (error) => refused(reasonOf(error))
  }).pipe(
    Effect.flatMap(({ profile }) => {
      const assertion = (profile?.getAssertion?.() as { readonly Assertion?: Element } | undefined)?.Assertion
      if (assertion === undefined) return Effect.fail(refused("The response vouches for nobody."))
      const found = read(assertion, config, now)
      return "_tag" in found ? Effect.fail(found) : Effect.succeed(found)
    })
  )

/** Only what it says of times and audiences helps whoever logs in, or their operator. */
const reasonOf = (error: unknown): string => {
  const message = error instanceof Error ? error.message : ""
  if (message.includes("not yet valid")) return "The assertion is not valid yet. If it is fresh, the clocks disagree."
  if (message.includes("expired")) return "The assertion has expired. Log in again."
  if (message.includes("udience")) return "The assertion is for someone else: its audience is not this gateway."
  return "The assertion is not signed by the identity provider as it must be."
}

const read = (
  assertion: Element,
  config: SamlConfig,
  now: number
): Assertion | LoginRefused => {
  const [issuer, ...issuers] = children(assertion, "Issuer")
  if (issuers.length > 0 || issuer?._ !== config.provider.entity_id) {
    return refused("The assertion is from another identity provider.")
  }
  const id = assertion.$?.["ID"]
  const subject = children(assertion, "Subject")[0] ?? {}
  const name = nameOf(subject)
  if (id === undefined || id === "" || name === undefined) return refused("The assertion names nobody for good.")
  const groups = groupsOf(assertion, config.groups_attribute)
  if (groups === undefined) return refused("The assertion's groups are no plain text.")
  if (isOver(assertion, now)) return refused("The login at the identity provider is over. Log in again.")
  if (!children(assertion, "Conditions").every(isUnderstood)) {
    return refused("The assertion holds under a condition that is not understood here.")
  }
  const confirmed = confirmationOf(subject, config, now)
  return "_tag" in confirmed ? confirmed : { id, subject: name, groups, ...confirmed }
}

/** Who it is about: plain text, and the same person at the next login. */
const nameOf = (subject: Element): string | undefined => {
  const [name, ...more] = children(subject, "NameID")
  if (name === undefined || more.length > 0 || Object.keys(name).some((key) => key !== "$" && key !== "_")) {
    return undefined
  }
  const text = name._ ?? ""
  const plain = text !== "" && text.length <= NAME_CHARACTERS_MAX && text.trim() === text
    && !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)
  return plain && name.$?.["Format"] !== TRANSIENT ? text : undefined
}

/** The one confirmation (SAML 2.0 profiles, 4.1.4.2): by whoever bears it, here, for a request, and for a while. */
const confirmationOf = (
  subject: Element,
  config: SamlConfig,
  now: number
): Pick<Assertion, "inResponseTo" | "until"> | LoginRefused => {
  const [confirmation, ...more] = children(subject, "SubjectConfirmation")
  const [data, ...others] = children(confirmation ?? {}, "SubjectConfirmationData")
  if (confirmation?.$?.["Method"] !== BEARER || data === undefined || more.length > 0 || others.length > 0) {
    return refused("The assertion must have one bearer confirmation.")
  }
  const { InResponseTo, NotBefore, NotOnOrAfter, Recipient } = data.$ ?? {}
  if (Recipient !== consumerOf(config)) return refused("The assertion is for another recipient.")
  if (InResponseTo === undefined) return refused("Nobody asked for this assertion. Log in again.")
  const skew = config.clock_skew_seconds * 1000
  const until = Date.parse(NotOnOrAfter ?? "") + skew
  if (Number.isNaN(until) || now >= until) return refused("The assertion has expired. Log in again.")
  if (NotBefore !== undefined && !(Date.parse(NotBefore) <= now + skew)) {
    return refused("The assertion is not valid yet. If it is fresh, the clocks disagree.")
  }
  return { inResponseTo: InResponseTo, until }
}

const children = (element: Element, name: string): ReadonlyArray<Element> => {
  const found = Object.hasOwn(element, name) ? element[name] : []
  return Array.isArray(found) ? found.map((one): Element => typeof one === "string" ? { _: one } : one) : []
}

/** The values of every attribute of that name: some providers send one for each group. */
const groupsOf = (assertion: Element, name: string): ReadonlyArray<string> | undefined => {
  const values = children(assertion, "AttributeStatement")
    .flatMap((statement) => children(statement, "Attribute"))
    .filter((attribute) => attribute.$?.["Name"] === name)
    .flatMap((attribute) => children(attribute, "AttributeValue"))
  const plain = values.every((value) => Object.keys(value).every((key) => key === "$" || key === "_"))
  return plain ? values.map((value) => value._ ?? "").filter((value) => value !== "") : undefined
}

/** Whether the provider's own session has ended: what it vouches for ends with it (SAML 2.0 core, 2.7.2). */
const isOver = (assertion: Element, now: number): boolean =>
  children(assertion, "AuthnStatement").some(({ $ }) => {
    const ends = $?.["SessionNotOnOrAfter"]
    return ends !== undefined && !(now < Date.parse(ends))
  })

/** Whoever does not understand a condition must not rely on the assertion (SAML 2.0 core, 2.5.1). */
const isUnderstood = (conditions: Element): boolean =>
  Object.keys(conditions).every((key) =>
    ["$", "_", "AudienceRestriction", "OneTimeUse", "ProxyRestriction"].includes(key)
  )
