import { defineConfig } from "vitest/config";

/** Tests of the clients in other languages, which need their compilers: `npm run test:clients`. */
export default defineConfig({
  test: {
    include: ["tests/clients/**/*.clients.ts"],
    globalSetup: ["tests/support/bundled-command.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: "forks",
  },
});
