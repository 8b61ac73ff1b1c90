import { type Command, Option } from "commander";
import { CurvewiseError } from "../../core/errors.js";
import type { Study } from "../../core/study.js";
import { exportedTrial } from "../../engine/study-json.js";
import { reportRows, trialRows } from "../csv.js";
import { addStorageOption, withStudy } from "../database.js";
import { outputLines } from "../line-output.js";
import { tell } from "../output.js";
import { counted } from "../wording.js";

interface ExportOptions {
  readonly storage: string;
  readonly format: "csv" | "jsonl";
  readonly curves?: boolean;
  readonly output?: string;
}

function* jsonLines(study: Study): Generator<string> {
  for (const trial of study.trials) yield JSON.stringify(exportedTrial(study, trial));
}

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
      if (options.curves === true && options.format !== "csv") {
        throw new CurvewiseError("USAGE", "--curves is only for --format csv", {
          hint: "JSON lines always hold the curves.",
        });
      }
      await withStudy(options.storage, name, async ({ study }) => {
        const lines =
          options.format === "jsonl"
            ? jsonLines(study)
            : options.curves === true
              ? reportRows(study)
              : trialRows(study);
        await outputLines(lines, options.output);
        if (options.output !== undefined)
          tell(`${counted(study.trials.length, "trial")} written to ${options.output}`);
      });
    });
}
