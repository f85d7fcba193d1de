import { builtins } from "../builtins.ts"
import type { Command } from "../command.ts"
import { jsonSchema } from "../schema/json-schema.ts"

/** `sluice schema`: the JSON Schema that editors complete and check the file with. */
export const schema: Command = {
  name: "schema",
  about: "print the JSON Schema of the file",
  details: "Draft 2020-12. Name it in the file's first line, so that editors complete and check:\n"
    + "  # yaml-language-server: $schema=./node_modules/sluice/schema.json",
  options: {},
  run: async (_args, io) => {
    io.out(JSON.stringify(await jsonSchema(builtins), null, 2))
    return 0
  }
}
