import { CurvewiseError } from "../../core/errors.js";
import type { MetricGoal } from "../../core/goal.js";
import { namedGoals } from "../../core/goals/front.js";
import { renderReport } from "../../dashboard/render-report.js";
import type { StudySource } from "../../dashboard/study-source.js";
import { pickStudy, withDatabase } from "../database.js";
import { outputText } from "../line-output.js";
import { printJson, tell } from "../output.js";
import { isRemote, openRemote, type RemoteOptions } from "../remote-study.js";
import { version } from "../version.js";

/** Options of `curvewise report`. */
export interface ReportOptions extends RemoteOptions {
  readonly storage: string;
  readonly output: string;
  readonly all?: boolean;
  readonly minimize?: readonly string[];
  readonly maximize?: readonly string[];
  readonly json?: boolean;
}

/** The metrics of a front that are named. @throws CurvewiseError `GOALS_INVALID` */
function goalsOf({ minimize, maximize }: ReportOptions): MetricGoal[] {
  const goals = namedGoals(minimize, maximize);
  if (goals.length !== 1) return goals;
  throw new CurvewiseError("GOALS_INVALID", "a front needs two metrics, but only one is named", {
    hint: "Name another one with --minimize or --maximize.",
  });
}

/** The studies that are asked for, each once. @throws CurvewiseError `STUDY_NOT_FOUND`, `STUDY_NEEDED`, `USAGE` */
async function chosenNames(
  source: StudySource,
  names: readonly string[],
  { all = false }: ReportOptions,
): Promise<string[]> {
  if (all && names.length > 0) {
    throw new CurvewiseError("USAGE", "--all is every study, but some are named too", {
      hint: "Leave --all or the names out.",
    });
  }
  const known = (await source.listStudies(Date.now())).map(({ name }) => name);
  if (all && known.length > 0) return known;
  const [first, ...others] = names;
  const chosen = new Set([(await pickStudy(source, first)).name]);
  for (const name of others) chosen.add((await pickStudy(source, name)).name);
  return [...chosen];
}

async function write(
  source: StudySource,
  names: readonly string[],
  options: ReportOptions,
  goals: readonly MetricGoal[],
): Promise<void> {
  const chosen = await chosenNames(source, names, options);
  const request = { source, names: chosen, goals, version: version(), generatedAt: Date.now() };
  const { html, isCompared } = await renderReport(request);
  await outputText(html, options.output);
  if (options.json === true) {
    printJson({ output: options.output });
    return;
  }
  tell(`The report is in ${options.output}`);
  if (chosen.length > 1 && !isCompared) tell("Its studies have different goals, and are not compared.");
}

/**
 * Writes the page about one or several studies into a file.
 *
 * @throws CurvewiseError `GOALS_INVALID`, `STUDY_NOT_FOUND`, `STUDY_NEEDED`, `USAGE`, `OUTPUT_FAILED`; for a coordinator,
 *   `TOKEN_NEEDED` and what it answers
 */
export async function report(names: readonly string[], options: ReportOptions): Promise<void> {
  const goals = goalsOf(options);
  if (isRemote(options)) {
    const { source } = await openRemote(options);
    return write(source, names, options, goals);
  }
  return withDatabase(options.storage, "read", (storage) => write(storage, names, options, goals));
}
