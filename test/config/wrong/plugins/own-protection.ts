import { Struct } from "effect/Schema"

/** Says itself what is protected: nothing. */
export default {
  name: "own-protection",
  api: 1,
  family: { name: "sql" },
  config: Struct({}),
  requires: [],
  provides: [{ key: "sluice/protection" }],
  connect: () => ({})
}
