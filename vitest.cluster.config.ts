import { defineConfig } from "vitest/config";

/**
 * Tests against the services of a cluster, which `.ci/engines` installs: `npm run test:cluster`, or one project of it
 * with `-- --project postgres`.
 */
export default defineConfig({
  test: {
    pool: "forks",
    projects: [
      {
        test: {
          name: "postgres",
          include: ["tests/cluster/postgres/**/*.cluster.ts"],
          globalSetup: ["tests/cluster/postgres/shared-server.ts"],
          // Servers are stopped and started in the middle of tests, and the machine may be small.
          maxWorkers: 1,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "mpi",
          include: ["tests/cluster/mpi/**/*.cluster.ts"],
          maxWorkers: 1,
          testTimeout: 180_000,
        },
      },
      ...["network", "slurm"].map((name) => ({
        test: {
          name,
          include: [`tests/cluster/${name}/**/*.cluster.ts`],
          // They wait for most of the time, and each file has a cluster or a network of its own.
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      })),
    ],
  },
});
