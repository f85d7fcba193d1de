import type { Plugin, PolicyDocument, Service } from "../core/plugin/index.ts"
import type { Protocol } from "../core/protocol/index.ts"
import type { Inputs, World } from "../plugins/residency/index.ts"
import type { ResidencyRoom } from "./residency.ts"

type Load<A> = () => Promise<A>

/**
 * What comes with Sluice, by the names that `use:` knows. Loaded only when named. This is the one place that knows
 * which protocols, plugins and services there are.
 */
export interface Builtins {
  readonly protocols: Readonly<Record<string, Load<Protocol>>>
  readonly plugins: Readonly<Record<string, Load<Plugin>>>
  readonly services: Readonly<Record<string, Load<Service>>>
  /** Services that are there without being declared, by the name they are planned under. */
  readonly supplied: Readonly<Record<string, string>>
  /** The same, but only where something requires them. Each before those that it requires itself. */
  readonly suppliedOnDemand: Readonly<Record<string, string>>
  /** What `plugins show` adds for one of them, by its name: text for people. */
  readonly notes: Readonly<Record<string, Load<string>>>
  /** Reads what stands under `residency:`. */
  readonly residency: Load<ResidencyRoom>
}

export const builtins: Builtins = {
  protocols: {
    postgres: async () => (await import("../protocols/postgres/index.ts")).postgres
  },
  plugins: {
    identity: async () => (await import("../plugins/identity/index.ts")).identity,
    residency: async () => (await import("../plugins/residency/index.ts")).default,
    approval: async () => (await import("../plugins/approval/index.ts")).approval,
    masking: async () => (await import("../plugins/masking/index.ts")).default,
    recording: async () => (await import("../plugins/recording/index.ts")).recording
  },
  services: {
    oidc: async () => (await import("../plugins/services/oidc/index.ts")).oidc,
    env: async () => (await import("../plugins/services/secrets/index.ts")).env,
    file: async () => (await import("../plugins/services/secrets/index.ts")).file,
    exec: async () => (await import("../plugins/services/secrets/index.ts")).exec,
    saml: async () => (await import("../plugins/services/saml/index.ts")).saml,
    revocations: async () => (await import("../plugins/services/revocations/index.ts")).revocations,
    sqlite: async () => (await import("../plugins/services/sqlite/index.ts")).sqlite,
    postgres: async () => (await import("../plugins/services/postgres/index.ts")).postgresState,
    callers: async () => (await import("../plugins/identity/index.ts")).callers,
    onlookers: async () => (await import("../plugins/residency/index.ts")).onlookers,
    approvals: async () => (await import("../plugins/approval/index.ts")).approvals,
    sign_in: async () => (await import("../plugins/services/sign-in/index.ts")).signIn,
    web: async () => (await import("../plugins/services/web/index.ts")).web,
    catalogue: async () => (await import("../plugins/services/catalogue/index.ts")).default,
    files: async () => (await import("../plugins/services/ledger/index.ts")).files
  },
  supplied: { secrets: "env", catalogue: "catalogue" },
  suppliedOnDemand: {
    approvals: "approvals",
    web: "web",
    sign_in: "sign_in",
    callers: "callers",
    onlookers: "onlookers",
    revocations: "revocations"
  },
  notes: {
    masking: async () => (await import("../plugins/masking/index.ts")).describeKinds()
  },
  residency: async () => {
    const { ResidencySection, compileWorld, describeReceipt, differenceOf, enforced, matrixOf, rejudge, simulate } =
      await import("../plugins/residency/index.ts")
    const { selectionsOf } = await import("../plugins/residency/index.ts")
    const { kindNames } = await import("../plugins/masking/index.ts")
    const worldOf = (policy: PolicyDocument): World => {
      const { world } = compileWorld(policy)
      if (world === undefined) throw new Error("a policy was used that does not compile")
      return world
    }
    return {
      section: ResidencySection,
      examine: (policy, services) => compileWorld(policy, { kinds: kindNames, services, now: Date.now() }).problems,
      describe: describeReceipt,
      rejudge: (policy, inputs) => rejudge(policy, inputs as unknown as Inputs),
      enforced,
      simulate: (policy, recorded, inputs, at) => simulate(policy, recorded, inputs as unknown as Inputs, at),
      matrix: (policy, options) => matrixOf(worldOf(policy), { ...options, issuers: policy.issuers }),
      difference: (old, next, options) =>
        differenceOf(worldOf(old), worldOf(next), { ...options, issuers: next.issuers }),
      selections: (policy, name) => {
        const pipeline = worldOf(policy).pipelines.get(name)
        return (table) =>
          pipeline === undefined ? [] : selectionsOf(pipeline, { kind: "table", name: table })
            .map(({ dataSet, kinds, name: selector }) => ({ dataSet: dataSet.name, selector, kinds }))
      }
    }
  }
}
