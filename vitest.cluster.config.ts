import { defineConfig } from "vitest/config";

/**
 * Tests against the services of a cluster, which `.ci/engines` installs: `npm run test:cluster`, or one project of it
 * with `-- --project postgres`.
 */
export default defineConfig({
  test: {
    pool: "forks",
    // Servers are stopped and started in the middle of tests, and the machine may be small.
    fileParallelism: false,
    projects: [
      {
        test: {
          name: "postgres",
          include: ["tests/cluster/postgres/**/*.cluster.ts"],
          globalSetup: ["tests/cluster/postgres/shared-server.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      ...["slurm", "mpi"].map((name) => ({
        test: {
          name,
          include: [`tests/cluster/${name}/**/*.cluster.ts`],
          testTimeout: 180_000,
          hookTimeout: 60_000,
        },
      })),
    ],
  },
});
