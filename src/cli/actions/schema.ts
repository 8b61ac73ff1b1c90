import { scheduleJsonSchemaText, studyJsonSchemaText } from "../../config/json-schema.js";

/** Prints a JSON Schema. */
export function printSchema(of: "study" | "schedule"): void {
  process.stdout.write(of === "schedule" ? scheduleJsonSchemaText() : studyJsonSchemaText());
}
