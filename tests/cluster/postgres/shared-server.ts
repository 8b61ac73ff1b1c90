import type { TestProject } from "vitest/node";
import { startPostgres } from "../../support/postgres-server.js";

declare module "vitest" {
  interface ProvidedContext {
    /** The connection string of a PostgreSQL server that all test files share; each makes databases of its own. */
    readonly postgresUrl: string;
  }
}

/** Starts the server before the first test, and gives what stops it after the last one. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres();
  project.provide("postgresUrl", server.url);
  return () => server.close();
}
