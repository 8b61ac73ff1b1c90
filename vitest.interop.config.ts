import { defineConfig } from "vitest/config";

/** Tests with the tools that studies are exchanged with: `npm run test:interop`. */
export default defineConfig({
  test: {
    include: ["tests/interop/**/*.interop.ts"],
    globalSetup: ["tests/support/bundled-command.ts"],
    // Only to end what hangs.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    pool: "forks",
  },
});
