import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "src/**/*.test.ts",
      "trainer/src/**/*.test.ts",
      "tests/**/*.test.ts",
      "templates/**/*.test.mjs",
    ],
    globalSetup: ["tests/support/bundled-command.ts"],
    // Only to end what hangs: no test may depend on how quick a machine is.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: "forks",
    // Much of the time tests wait for programs that they started.
    maxWorkers: Math.max(3, availableParallelism() - 1),
  },
});
