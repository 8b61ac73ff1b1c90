import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { configDefaults, defineConfig } from "vitest/config";

const SOURCES = join(import.meta.dirname, "src");
/** Pure folders see nothing of Node, so that their tests have no state of a process to leave behind. */
const PURE = readdirSync(SOURCES).filter((folder) =>
  readFileSync(join(SOURCES, folder, "tsconfig.json"), "utf8").includes('"types": []'),
);
const SHARED = PURE.map((folder) => `src/${folder}/**/*.test.ts`);

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
      {
        extends: true,
        test: {
          name: "own process",
          include: [
            "src/**/*.test.ts",
            "trainer/src/**/*.test.ts",
            "tests/**/*.test.ts",
            "templates/**/*.test.mjs",
          ],
          exclude: [...configDefaults.exclude, ...SHARED],
        },
      },
      // Starting a process and loading the modules again would take longer than most of these tests do.
      { extends: true, test: { name: "shared process", include: SHARED, isolate: false } },
    ],
  },
});
