import type { Command } from "commander";
import { studyJsonSchemaText } from "../../config/json-schema.js";

/** `curvewise schema` */
export function addSchemaCommand(program: Command): void {
  program
    .command("schema")
    .summary("print the JSON Schema of study.yaml")
    .description(
      "Prints the JSON Schema (2020-12) of study.yaml, with which editors complete and check the file while you type. `curvewise init` puts a reference to it into the file.",
    )
    .addHelpText(
      "after",
      "\nExamples:\n  curvewise schema > study.schema.json\n  curvewise schema | jq '.properties | keys'",
    )
    .action(() => {
      process.stdout.write(studyJsonSchemaText());
    });
}
