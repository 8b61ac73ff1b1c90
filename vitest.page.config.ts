import { defineConfig } from "vitest/config";

/** Tests that open pages in a real Chromium: `npx vitest run --config vitest.page.config.ts`. */
export default defineConfig({
  test: {
    include: ["tests/page/**/*.page.ts"],
    testTimeout: 120_000,
    // Only to end what hangs: no test may depend on how quick a machine is.
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 60_000,
    pool: "forks",
    fileParallelism: false,
  },
});
