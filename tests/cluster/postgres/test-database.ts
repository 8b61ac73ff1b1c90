import { randomUUID } from "node:crypto";
import { inject, onTestFinished } from "vitest";
import { changedUrl, runSql } from "../../support/postgres-server.js";

/** Makes an empty database on the shared server; gives its connection string. */
export async function makeDatabase(): Promise<string> {
  const database = `test_${randomUUID().replaceAll("-", "")}`;
  await runSql(inject("postgresUrl"), `create database ${database}`);
  return changedUrl(inject("postgresUrl"), { database });
}

/** Removes a database, also while something is connected to it. */
export async function dropDatabase(url: string): Promise<void> {
  await runSql(inject("postgresUrl"), `drop database ${new URL(url).pathname.slice(1)} with (force)`);
}

/** An empty database that is removed when the test is over. */
export async function temporaryDatabase(): Promise<string> {
  const url = await makeDatabase();
  onTestFinished(() => dropDatabase(url));
  return url;
}
