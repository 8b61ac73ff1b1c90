import { resolve } from "node:path";
import { serverAddress, type TrackerPlan } from "../../config/trackers-section.js";
import { CurvewiseError } from "../../core/errors.js";
import type { Json } from "../../core/json.js";
import type { Study } from "../../core/study.js";
import { exportedTrial } from "../../engine/study-json.js";
import { reportRows, trialRows } from "../csv.js";
import { type OpenedStudy, withStudy } from "../database.js";
import type { ExportFormat } from "../export-formats.js";
import { outputFile, outputLines } from "../line-output.js";
import { styledError, tell } from "../output.js";
import { openTracker } from "../tracking.js";
import { counted } from "../wording.js";

/** Options of `curvewise export`. */
export interface ExportOptions {
  readonly storage: string;
  readonly format: ExportFormat;
  readonly curves?: boolean;
  /** False: texts that begin like a formula are defused. */
  readonly formulas: boolean;
  readonly output?: string;
  readonly experiment?: string;
}

/** Why a storage of Optuna is not replaced: nobody could get back what was in it. */
const OTHER_STUDIES =
  "It may hold other studies of Optuna: name another file with --output, or delete this one.";

function* jsonLines(study: Study): Generator<string> {
  for (const trial of study.trials) yield JSON.stringify(exportedTrial(study, trial));
}

/** Writes a study's trials in one of the formats. */
export async function exportTrials(name: string | undefined, options: ExportOptions): Promise<void> {
  if (options.curves === true && options.format !== "csv") {
    throw new CurvewiseError("USAGE", "--curves is only for --format csv", {
      hint: "The other formats always include the curves.",
    });
  }
  if (!options.formulas && options.format !== "csv") {
    throw new CurvewiseError("USAGE", "--no-formulas is only for --format csv", {
      hint: "No other format is opened in spreadsheets.",
    });
  }
  await withStudy(options.storage, name, async (opened) => {
    const { study } = opened;
    if (options.experiment !== undefined && options.format !== "mlflow") {
      throw new CurvewiseError("USAGE", "--experiment is only for --format mlflow", {
        hint: "Other formats have no experiments.",
      });
    }
    const warnings = await write(opened, options);
    for (const warning of warnings) tell(`${styledError("yellow", "warning")}: ${warning}`);
    if (options.output !== undefined)
      tell(`${counted(study.trials.length, "trial")} written to ${options.output}`);
  });
}

/** What was recorded with imported trials, by their numbers. */
async function importedAttributes({ storage, summary }: OpenedStudy) {
  const attributes = new Map<number, Readonly<Record<string, Json>>>();
  for await (const { event } of storage.readEvents(summary.name)) {
    if (event.type === "trial-asked" && event.attributes !== undefined)
      attributes.set(event.trial, event.attributes);
  }
  return attributes;
}

/** Writes a study, and says what the format has no place for. */
async function write(opened: OpenedStudy, options: ExportOptions): Promise<readonly string[]> {
  const { study } = opened;
  const { format, output } = options;
  switch (format) {
    case "jsonl":
      await outputLines(jsonLines(study), output);
      return [];
    case "csv":
      await outputLines(
        options.curves === true ? reportRows(study, options) : trialRows(study, options),
        output,
      );
      return [];
    case "optuna-journal": {
      const { journalLines, lostInOptuna, optunaStudy } = await import("../../interop/index.js");
      const lines = journalLines(optunaStudy(study, await importedAttributes(opened)));
      await outputLines(lines, output, OTHER_STUDIES);
      return lostInOptuna(study);
    }
    case "optuna": {
      if (output === undefined) {
        throw new CurvewiseError("USAGE", "--format optuna needs a file", {
          hint: "Name it with --output; SQLite cannot be written to standard output.",
        });
      }
      const { lostInOptuna, optunaStudy, writeOptunaSqlite } = await import("../../interop/index.js");
      const copy = optunaStudy(study, await importedAttributes(opened));
      await outputFile(output, async (path) => writeOptunaSqlite(path, copy), OTHER_STUDIES);
      return lostInOptuna(study);
    }
    case "mlflow":
    case "tensorboard": {
      await send(opened, format, output, options.experiment);
      return [];
    }
  }
}

/** Sends a study to another tool that shows it, as a run with this tracker would have done. */
async function send(
  { storage, summary }: OpenedStudy,
  kind: "mlflow" | "tensorboard",
  output: string | undefined,
  experiment: string | undefined,
): Promise<void> {
  if (output === undefined) {
    const [what, example] =
      kind === "mlflow" ? ["the server's address", "http://localhost:5000"] : ["a folder", "runs"];
    throw new CurvewiseError("USAGE", `--format ${kind} needs ${what}`, {
      hint: `Give it with --output, such as --output ${example}.`,
    });
  }
  const problem = kind === "mlflow" ? serverAddress.safeParse(output).error?.issues[0]?.message : undefined;
  if (problem !== undefined) {
    throw new CurvewiseError("USAGE", `--output ${problem}`, {
      hint: "With --format mlflow, --output is the server's address, such as http://localhost:5000.",
    });
  }
  const { sendStudy } = await import("../../interop/index.js");
  const plan: TrackerPlan =
    kind === "mlflow" ? { kind, uri: output, experiment } : { kind, folder: resolve(output) };
  await sendStudy(await openTracker(plan), storage, summary.name);
}
