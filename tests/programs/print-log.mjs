// Prints every event of a study, a line of JSON each. Arguments: the database, the study's name.
import { openStorage } from "../../dist/storage/index.js";

const [database, study] = process.argv.slice(2);
const storage = await openStorage(database, { readOnly: true });
for await (const { event } of storage.readEvents(study)) console.log(JSON.stringify(event));
await storage.close();
