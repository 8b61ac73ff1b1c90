import { CurvewiseError } from "../../core/errors.js";
import { namedGoals } from "../../core/goals/front.js";
import { type ReportedStudy, renderReport } from "../../report/index.js";
import { withDatabase } from "../database.js";
import { outputText } from "../line-output.js";
import { printJson, tell } from "../output.js";
import { readReported } from "../reported-study.js";

/** Options of `curvewise report`. */
export interface ReportOptions {
  readonly storage: string;
  readonly output: string;
  readonly minimize?: readonly string[];
  readonly maximize?: readonly string[];
  readonly json?: boolean;
}

/** Writes the HTML report of one or several studies. @throws CurvewiseError `GOALS_INVALID`, `REPORT_INVALID` */
export async function report(names: readonly string[], options: ReportOptions): Promise<void> {
  const goals = namedGoals(options.minimize, options.maximize);
  if (goals.length === 1) {
    throw new CurvewiseError("GOALS_INVALID", "a front needs two metrics, but only one is named", {
      hint: "Name another one with --minimize or --maximize.",
    });
  }
  await withDatabase(options.storage, "read", async (storage) => {
    const first = await readReported(storage, names[0]);
    const comparison: ReportedStudy[] = [];
    for (const name of names.slice(1)) comparison.push(await readReported(storage, name));
    const page = renderReport({ ...first, comparison, goals, generatedAt: Date.now() });
    await outputText(page, options.output);
  });
  if (options.json === true) printJson({ output: options.output });
  else tell(`The report is in ${options.output}`);
}
