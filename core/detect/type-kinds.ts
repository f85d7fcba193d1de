import type { Kind } from "./definition.ts"
import { formTypes } from "./finding.ts"
import { definitions } from "./registry.ts"

/** Types that only a column has: words, which are nothing by themselves. */
const ofColumns = {
  first_name: "name",
  last_name: "name",
  person: "name",
  username: "name",
  street_address: "address",
  city: "address",
  password: "secret",
  cvv: "secret",
  card_expiry: "card",
  age: "redact",
  national_id: "national_id",
  free_text: "free_text"
} as const satisfies Record<string, Kind>

/** Every type that can be found or decided, and how it is to be hidden; undefined where it need not be. */
export const typeKinds: ReadonlyMap<string, Kind | undefined> = new Map<string, Kind | undefined>([
  ...Object.entries(formTypes),
  ...Object.entries(ofColumns),
  ...definitions.map(({ kind, type }) => [type, kind] as const)
])
