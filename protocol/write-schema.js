// Writes trial-protocol.schema.json from the schemas that the launchers check messages with. Build first.
import { writeFileSync } from "node:fs";
import { protocolSchema } from "../dist/launchers/trial-messages.js";

const file = new URL("trial-protocol.schema.json", import.meta.url);
writeFileSync(file, `${JSON.stringify(protocolSchema(), undefined, 2)}\n`);
