import { expect, it } from "vitest";
import { openPostgres } from "../../../src/storage/postgres.js";
import {
  ALICE,
  definitionOf,
  NOW,
  note,
  request,
} from "../../../src/testing/storage-contract/example-events.js";
import { notesOf } from "../../../src/testing/storage-contract/stored-log.js";
import { runSql } from "../../support/postgres-server.js";
import { temporaryDatabase } from "./test-database.js";

it("what a deletion that was killed left in the tables is removed by the next process that opens them", async () => {
  const url = await temporaryDatabase();
  const killed = await openPostgres(url);
  for (const name of ["digits", "other"]) {
    await killed.createStudy(definitionOf(name), NOW);
    const lease = await killed.acquire(name, request(ALICE));
    await killed.append(lease, [note(`of ${name}`)]);
    await killed.release(lease);
  }
  await killed.close();
  // As far as a deletion gets before it removes the events.
  await runSql(url, "update curvewise.studies set name = null where name = 'digits'");
  const reader = await openPostgres(url, { readOnly: true });
  await reader.close();
  const countEvents = () => runSql(url, "select 1 from curvewise.events");
  expect(await countEvents()).toHaveLength(4);

  const storage = await openPostgres(url);
  await storage.createStudy(definitionOf("digits"), NOW);
  await expect.poll(countEvents, { timeout: 60_000 }).toHaveLength(3);
  await expect
    .poll(() => runSql(url, "select 1 from curvewise.studies"), { timeout: 60_000 })
    .toHaveLength(2);
  expect([await notesOf(storage, "digits"), await notesOf(storage, "other")]).toEqual([[], ["of other"]]);
  await storage.close();
});
