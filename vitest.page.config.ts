import { defineConfig } from "vitest/config";

/** Tests that open pages in a real Chromium: `npx vitest run --config vitest.page.config.ts`. */
export default defineConfig({
  test: {
    include: ["tests/page/**/*.page.ts"],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    pool: "forks",
    fileParallelism: false,
  },
});
