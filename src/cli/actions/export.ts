import { CurvewiseError } from "../../core/errors.js";
import type { Study } from "../../core/study.js";
import { exportedTrial } from "../../engine/study-json.js";
import { reportRows, trialRows } from "../csv.js";
import { withStudy } from "../database.js";
import { outputLines } from "../line-output.js";
import { tell } from "../output.js";
import { counted } from "../wording.js";

/** Options of `curvewise export`. */
export interface ExportOptions {
  readonly storage: string;
  readonly format: "csv" | "jsonl";
  readonly curves?: boolean;
  /** False: texts that begin like a formula are defused. */
  readonly formulas: boolean;
  readonly output?: string;
}

function* jsonLines(study: Study): Generator<string> {
  for (const trial of study.trials) yield JSON.stringify(exportedTrial(study, trial));
}

/** Writes a study's trials as CSV or JSON lines. */
export async function exportTrials(name: string | undefined, options: ExportOptions): Promise<void> {
  if (options.curves === true && options.format !== "csv") {
    throw new CurvewiseError("USAGE", "--curves is only for --format csv", {
      hint: "JSON lines always include the curves.",
    });
  }
  if (!options.formulas && options.format !== "csv") {
    throw new CurvewiseError("USAGE", "--no-formulas is only for --format csv", {
      hint: "No program runs formulas in JSON lines.",
    });
  }
  await withStudy(options.storage, name, async ({ study }) => {
    const lines =
      options.format === "jsonl"
        ? jsonLines(study)
        : options.curves === true
          ? reportRows(study, options)
          : trialRows(study, options);
    await outputLines(lines, options.output);
    if (options.output !== undefined)
      tell(`${counted(study.trials.length, "trial")} written to ${options.output}`);
  });
}
