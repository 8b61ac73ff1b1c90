import { type Command, Option } from "commander";
import type { ImportOptions } from "../actions/import.js";
import { STUDY_KINDS } from "../imported-kinds.js";
import { addReadOptions } from "../options.js";

const columnList = (text: string): string[] => text.split(",").map((name) => name.trim());

/** `curvewise import <source>` */
export function addImportCommand(program: Command): void {
  addReadOptions(program.command("import"))
    .argument("<source>", "a file of another tool, or the folder of an experiment of Ray Tune")
    .addOption(
      new Option("--from <tool>", "what wrote it (default: found out from its content)").choices([
        ...STUDY_KINDS,
      ]),
    )
    .option("--as <name>", "the study's name here (default: its name there)")
    .option("--study <name>", "optuna: which study of the file; may be omitted if there is only one")
    .option("--objective <name>", "optuna: which objective of several to tune for, by name or number from 0")
    .option("--metric <name>", "optuna: what the objective is called here (default: its own name, or value)")
    .option("--minimize <metric>", "csv, jsonl, ray: the goal metric, if it should become small")
    .option("--maximize <metric>", "csv, jsonl, ray: the goal metric, if it should become large")
    .option("--params <columns>", "csv, jsonl: the columns that are params, separated by commas", columnList)
    .summary("take over a study of another tool")
    .description(
      "Makes a study of what another tool recorded, in the database: its trials, their params, curves and states.",
    )
    .addHelpText(
      "after",
      `
Trials of other tools, kept as a study that all commands read and from which new studies can begin (\`transfer\`):
  optuna           an SQLite file of Optuna 3 to 5
  optuna-journal   a journal file of Optuna 3.1 to 5
  csv              a table with a row for each trial or, with a column of steps, for each report
  jsonl            the same as a JSON object on each line, as \`curvewise export --format jsonl\` writes
  ray              the folder of an experiment of Ray Tune

Whatever cannot be taken over as it is, is refused or named in a warning. docs/interop.md says what becomes of what.

With --json: {"study", "trials": {"total", and the number in each state}, "best", "warnings": [...]}.

Examples:
  curvewise import optuna.db --as old-search
  curvewise import journal.log --from optuna-journal --study resnet
  curvewise import trials.csv --minimize loss --params lr,batch
  curvewise import runs.jsonl --maximize accuracy --params lr,batch
  curvewise import ~/ray_results/train_2026-11-01 --maximize accuracy --as ray-search`,
    )
    .action(async (source: string, options: ImportOptions) => {
      const { importSource } = await import("../actions/import.js");
      await importSource(source, options);
    });
}
