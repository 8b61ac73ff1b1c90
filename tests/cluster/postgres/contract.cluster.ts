import { openPostgres } from "../../../src/storage/postgres.js";
import { storageContract } from "../../../src/testing/storage-contract.js";
import { serverClock } from "./server-clock.js";
import { dropDatabase, makeDatabase } from "./test-database.js";

storageContract("postgres", async () => {
  const url = await makeDatabase();
  const clock = await serverClock(url);
  const reopen = async () => clock.under(await openPostgres(clock.url));
  return {
    storage: await reopen(),
    reopen,
    cleanup: async () => {
      await clock.close();
      await dropDatabase(url);
    },
  };
});
