import { CurvewiseError } from "../../core/errors.js";
import { createSearchSpace } from "../../core/search-space.js";
import type { Study } from "../../core/study.js";
import { type BestValues, type MeasuredTrial, paramImportance } from "../../importance/index.js";
import { createOutcomes } from "../../samplers/outcomes.js";
import { withStudy } from "../database.js";
import type { ReadOptions } from "../options.js";
import { isUnicodeLocale, print, printJson, styled, tell } from "../output.js";
import { tableText } from "../table.js";
import { counted, numberText, valueText } from "../wording.js";

/** Options of `curvewise importance`. */
export interface ImportanceCommandOptions extends ReadOptions {
  readonly share: number;
  readonly complete?: boolean;
}

/** Below this, importances depend on which few trials happen to be the best. */
const ENOUGH_BEST = 5;
const BAR_WIDTH = 20;

/** The trials with their ends, known and forecast; those whose params do not fit a changed space are left out. */
function measuredTrials(study: Study, onlyComplete: boolean) {
  const { goal, maxSteps } = study.definition;
  const outcomes = createOutcomes({ goal, maxSteps });
  for (const trial of study.trials) if (!study.outside.has(trial.number)) outcomes.note(trial);
  const open = onlyComplete ? [] : outcomes.open();
  const forecast = open.flatMap(({ params, cost }): MeasuredTrial[] =>
    cost === undefined || !Number.isFinite(cost) ? [] : [{ params, cost }],
  );
  const known = outcomes.settled.flatMap(({ params, cost }): MeasuredTrial[] =>
    cost === undefined || !Number.isFinite(cost) ? [] : [{ params, cost }],
  );
  return { trials: [...known, ...forecast], forecast: forecast.length };
}

function bestText(best: BestValues | undefined): string {
  if (best === undefined) return "-";
  if (best.kind === "range") return `${numberText(best.low)} to ${numberText(best.high)}`;
  return `${valueText(best.value)} (${Math.round(best.share * 100)} %)`;
}

function bestJson(best: BestValues | undefined) {
  if (best === undefined) return null;
  return best.kind === "range"
    ? { low: best.low, high: best.high }
    : { value: best.value, share: best.share };
}

function barOf(importance: number): string {
  return (isUnicodeLocale() ? "█" : "#").repeat(Math.round(importance * BAR_WIDTH));
}

/** Shows which params matter. @throws CurvewiseError `NO_VALUE_YET` */
export async function showImportance(
  name: string | undefined,
  options: ImportanceCommandOptions,
): Promise<void> {
  await withStudy(options.storage, name, ({ study }) => {
    const { definition } = study;
    const { trials, forecast } = measuredTrials(study, options.complete === true);
    const result = paramImportance(createSearchSpace(definition.space), trials, { share: options.share });
    if (options.json === true) {
      printJson({
        study: definition.name,
        share: options.share,
        trials: result.trials,
        forecast,
        bestTrials: result.bestTrials,
        params: result.params.map(({ param, importance, divergence, best }) => ({
          param,
          importance,
          divergence,
          best: bestJson(best),
        })),
      });
      if (result.trials < 2) process.exitCode = 1;
      return;
    }
    if (result.trials < 2) {
      throw new CurvewiseError(
        "NO_VALUE_YET",
        `study "${definition.name}" has ${counted(result.trials, "trial")} with a finite ${definition.goal.metric}, too few to compare`,
        { hint: "`curvewise trials` shows what happened to the others.", kind: "failure" },
      );
    }
    const percent = `${Number((options.share * 100).toPrecision(3))} %`;
    print(
      tableText(
        [
          { title: "param" },
          { title: "importance", align: "right" },
          { title: "" },
          { title: `the best ${percent} have` },
        ],
        result.params.map(({ param, importance, best }) => [
          styled("bold", param),
          `${Math.round(importance * 100)} %`,
          barOf(importance),
          bestText(best),
        ]),
      ),
    );
    const ends = forecast === 0 ? "" : `, ${forecast} of them by the forecast of their ends`;
    tell(`Compared: ${counted(result.trials, "trial")}${ends}. ${result.bestTrials} are among the best.`);
    if (result.bestTrials < ENOUGH_BEST) {
      tell(
        `That is too few to tell by: give a greater --share, or come back after ${counted(Math.ceil(ENOUGH_BEST / options.share), "trial")}.`,
      );
    }
  });
}
