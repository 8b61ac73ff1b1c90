// Writes the protocols' JSON Schemas from the schemas that messages are checked with. Build first.
import { writeFileSync } from "node:fs";
import { protocolSchema } from "../dist/launchers/trial-messages.js";
import { workerProtocolSchema } from "../dist/server/messages.js";

function write(name, schema) {
  const file = new URL(`${name}.schema.json`, import.meta.url);
  writeFileSync(file, `${JSON.stringify(schema, undefined, 2)}\n`);
}

write("trial-protocol", protocolSchema());
write("worker-protocol", workerProtocolSchema());
