import { type Command, Option } from "commander";
import type { ExportOptions } from "../actions/export.js";
import { EXPORT_FORMATS, exportFormat } from "../export-formats.js";
import { addStorageOption } from "../options.js";

/** `curvewise export [study]` */
export function addExportCommand(program: Command): void {
  addStorageOption(program.command("export"))
    .argument("[study]", "the study's name; may be omitted if there is only one")
    .addOption(
      new Option("--format <format>", "what to write")
        .choices([...EXPORT_FORMATS])
        .argParser(exportFormat)
        .default("jsonl"),
    )
    .option("--curves", "csv: one row per report instead of one per trial")
    .option(
      "--no-formulas",
      "csv: put an apostrophe before text that a spreadsheet would run as a formula (=, +, -, @, tab, line break)",
    )
    .option(
      "--output <file>",
      "write to a file instead of standard output; it is replaced if it exists, except by optuna, which needs one",
    )
    .option("--experiment <name>", "mlflow: the experiment's name (default: the study's)")
    .summary("write a study's trials as CSV, JSON lines or a study of Optuna")
    .description("Writes all trials of a study, in order of their numbers.")
    .addHelpText(
      "after",
      `
jsonl: one line per trial, {"number", "state", "params", "value", "curve": [{"step", "<metric>": ...}]}. "value" is
the goal metric's last value, or null if it was never reported or is not finite. In "curve" a metric that
diverged is the text "NaN", "Infinity" or "-Infinity"; one that was not reported at a step is absent.

csv: a header, then one row per trial with number, state, value, step, the params, and each metric's last value;
with --curves, one row per report with number, state, step, the params and the metrics. Missing values are empty;
null, lists and mappings are JSON. Texts are written as they are: for a spreadsheet, give --no-formulas if others
chose the params' values or the metrics' names. Numbers such as -1.5 stay numbers.

optuna: an SQLite file that Optuna 3.2 to 5 opens as sqlite:///FILE, and so does its dashboard; optuna-journal: a file for
its JournalFileBackend. The curves of the goal metric are the intermediate values. docs/interop.md has the rest.

mlflow: sends the study to the tracking server at --output; tensorboard: writes event files into the folder --output. Both
have a run for each trial. What is there already is not sent again.

Examples:
  curvewise export --format csv --output trials.csv
  curvewise export mnist-mlp --format csv --curves --output curves.csv
  curvewise export mnist-mlp --format optuna --output optuna.db && optuna-dashboard sqlite:///optuna.db
  curvewise export mnist-mlp | jq -c 'select(.state == "complete") | [.number, .value]'`,
    )
    .action(async (name: string | undefined, options: ExportOptions) => {
      const { exportTrials } = await import("../actions/export.js");
      await exportTrials(name, options);
    });
}
