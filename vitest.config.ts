import { defineConfig } from "vitest/config"

// Tests wait for events, never for times: the limits only end what hangs.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["./test/seed.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: true,
    maxWorkers: 2,
    reporters: ["default", "./test/reporter.ts"],
  },
})
