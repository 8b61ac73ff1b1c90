import { type Command, Option } from "commander";
import type { ExportOptions } from "../actions/export.js";
import { addStorageOption } from "../options.js";

/** `curvewise export [study]` */
export function addExportCommand(program: Command): void {
  addStorageOption(program.command("export"))
    .argument("[study]", "the study's name; may be left out when there is one only")
    .addOption(new Option("--format <format>", "csv or jsonl").choices(["csv", "jsonl"]).default("jsonl"))
    .option("--curves", "csv: one row a report rather than one a trial")
    .option("--output <file>", "write to a file (replaced if it exists) rather than to standard output")
    .summary("write a study's trials as CSV or JSON lines")
    .description("Writes all trials of a study, in the order of their numbers.")
    .addHelpText(
      "after",
      `
jsonl: a line a trial, {"number", "state", "params", "value", "curve": [{"step", "<metric>": ...}]}. "value" is
the goal metric's last value, or null when it was never reported or is not finite. In "curve" a metric that
diverged is the text "NaN", "Infinity" or "-Infinity"; one that was not reported at a step is absent.

csv: a header, then a row a trial with number, state, value, step, the params, and each metric's last value;
with --curves a row a report with number, state, step, the params and the metrics. Empty: no such value.

Examples:
  curvewise export --format csv --output trials.csv
  curvewise export mnist-mlp --format csv --curves --output curves.csv
  curvewise export mnist-mlp | jq -c 'select(.state == "complete") | [.number, .value]'`,
    )
    .action(async (name: string | undefined, options: ExportOptions) => {
      const { exportTrials } = await import("../actions/export.js");
      await exportTrials(name, options);
    });
}
