// Prints every event of a study, a line of JSON each. Arguments: the database, the study's name, and --follow to go on
// for ever with what is appended, also when the study is not there yet.
import { setTimeout as sleep } from "node:timers/promises";
import { openStorage } from "../../dist/storage/index.js";

const [database, study, follow] = process.argv.slice(2);
let storage;
let after = 0;
for (;;) {
  try {
    storage ??= await openStorage(database, { readOnly: true });
    for await (const { sequence, event } of storage.readEvents(study, { after })) {
      console.log(JSON.stringify(event));
      after = sequence;
    }
  } catch (error) {
    if (follow === undefined) throw error;
  }
  if (follow === undefined) break;
  await sleep(100);
}
await storage.close();
