import { defineConfig } from "vitest/config";

/**
 * Tests against the services of a cluster, which `.ci/engines` installs: `npm run test:cluster`, or one project of it
 * with `-- --project postgres`.
 */
export default defineConfig({
  test: {
    pool: "forks",
    // They wait for most of the time, and each file has a cluster, a network or databases of its own.
    maxWorkers: 4,
    projects: ["postgres", "mpi", "network", "slurm"].map((name) => ({
      test: {
        name,
        include: [`tests/cluster/${name}/**/*.cluster.ts`],
        globalSetup: name === "postgres" ? ["tests/cluster/postgres/shared-server.ts"] : [],
        // Servers are stopped and started in the middle of tests, and the machine may be small.
        testTimeout: 600_000,
        hookTimeout: 400_000,
      },
    })),
  },
});
