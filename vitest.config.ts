import { defineConfig } from "vitest/config"

export default defineConfig({
  // The package's own name resolves to its source, as it does for the command in a checkout. Not `module`, which is for
  // bundlers: what packages offer under it need not run in Node.
  ssr: { resolve: { conditions: ["sluice-source", "node", "development|production"] } },
  test: {
    globalSetup: ["test/setup/programs.ts"],
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Real servers on a busy machine: where nobody watches, a failure counts when it comes twice.
    retry: process.env["CI"] === undefined ? 0 : 1,
    // Two workers: the suites start real servers, and machines are small.
    maxWorkers: 2
  }
})
