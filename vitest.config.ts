import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    globalSetup: ["tests/support/bundled-command.ts"],
    // Only to end what hangs: no test may depend on how quick a machine is.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: "forks",
    // Much of the time tests wait for programs that they started.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    projects: [
      // Those of the trainer switch instructions on before its kernel is compiled, once for a process.
      {
        extends: true,
        test: {
          name: "own process",
          include: ["tests/**/*.test.ts", "trainer/src/**/*.test.ts", "templates/**/*.test.mjs"],
        },
      },
      // Starting a process and loading the modules again would take longer than most of these tests do. Whatever belongs
      // to the process, such as its environment, they put back.
      { extends: true, test: { name: "shared process", include: ["src/**/*.test.ts"], isolate: false } },
    ],
  },
});
