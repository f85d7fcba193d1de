import { defineConfig } from "vitest/config"

export default defineConfig({
  resolve: { conditions: ["sluice-source", "node", "import", "default"] },
  ssr: { resolve: { conditions: ["sluice-source", "node", "import", "default"] } },
  test: {
    globalSetup: ["test/setup/programs.ts"],
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two workers: the suites start real servers, and machines are small.
    maxWorkers: 2
  }
})
