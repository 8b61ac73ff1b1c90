import { defineConfig } from "vitest/config";

/** Tests of the package as npm installs it, which needs npm's registry or its cache: `npm run test:package`. */
export default defineConfig({
  test: {
    include: ["tests/package/**/*.package.ts"],
    // Everything is built and installed anew.
    testTimeout: 300_000,
    hookTimeout: 600_000,
    pool: "forks",
    fileParallelism: false,
  },
});
