import { Argument, type Command } from "commander";

/** `curvewise schema [of]` */
export function addSchemaCommand(program: Command): void {
  program
    .command("schema")
    .addArgument(
      new Argument("[of]", "the kind of file: study or schedule")
        .choices(["study", "schedule"])
        .default("study"),
    )
    .summary("print the JSON Schema of study.yaml")
    .description(
      "Prints the JSON Schema (2020-12) of study.yaml, which lets editors complete and check the file as you type. `curvewise init` puts a reference to it into the file. With `schedule`, prints that of the files that `curvewise schedule` writes.",
    )
    .addHelpText(
      "after",
      "\nExamples:\n  curvewise schema > study.schema.json\n  curvewise schema | jq '.properties | keys'\n  curvewise schema schedule > schedule.schema.json",
    )
    .action(async (of: "study" | "schedule") => {
      const { printSchema } = await import("../actions/schema.js");
      printSchema(of);
    });
}
