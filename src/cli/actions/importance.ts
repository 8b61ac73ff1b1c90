import { CurvewiseError } from "../../core/errors.js";
import { createSearchSpace } from "../../core/search-space.js";
import type { Study } from "../../core/study.js";
import {
  type BestValues,
  type EndedTrial,
  endedTrials,
  fanova,
  paramImportance,
} from "../../importance/index.js";
import { withStudy } from "../database.js";
import type { ReadOptions } from "../options.js";
import { isUnicodeLocale, print, printJson, styled, tell } from "../output.js";
import { tableText } from "../table.js";
import { counted, numberText, valueText } from "../wording.js";

/** How importance is measured. */
export type ImportanceMethod = "ped-anova" | "fanova";

/** Options of `curvewise importance`. */
export interface ImportanceCommandOptions extends ReadOptions {
  readonly share: number;
  readonly method: ImportanceMethod;
  readonly pairs?: boolean;
  readonly complete?: boolean;
}

/** Below this, importances depend on which few trials happen to be the best. */
const ENOUGH_BEST = 5;
const BAR_WIDTH = 20;
/** Pairs that explain less are left out of the table. */
const LEAST_PAIR = 0.005;
/** Below this share of the variance, trees have not learned what the trials have in common. */
const ENOUGH_EXPLAINED = 0.3;

/** The trials with finite ends, and how many of those are forecast. */
function measuredTrials(study: Study, onlyComplete: boolean) {
  const trials = endedTrials(study, onlyComplete).filter(({ cost }) => Number.isFinite(cost));
  return { trials, forecast: trials.filter(({ isForecast }) => isForecast).length };
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

/** @throws CurvewiseError `NO_VALUE_YET` for fewer than two trials */
function checkEnough({ definition }: Study, trials: number): void {
  if (trials >= 2) return;
  throw new CurvewiseError(
    "NO_VALUE_YET",
    `study "${definition.name}" has ${counted(trials, "trial")} with a finite ${definition.goal.metric}, too few to compare`,
    { hint: "`curvewise trials` shows what happened to the others.", kind: "failure" },
  );
}

/** What is said of the trials that were compared. */
function comparedText(trials: number, forecast: number): string {
  const ends = forecast === 0 ? "" : `, ${forecast} of them by the forecast of their ends`;
  return `Compared: ${counted(trials, "trial")}${ends}.`;
}

/** Importance by functional ANOVA. */
function showVariance(
  study: Study,
  trials: readonly EndedTrial[],
  forecast: number,
  options: ImportanceCommandOptions,
): void {
  const space = createSearchSpace(study.definition.space);
  const result = fanova(space, trials, options.pairs === true);
  const best = new Map(
    paramImportance(space, trials, { share: options.share }).params.map((each) => [each.param, each.best]),
  );
  if (options.json === true) {
    printJson({
      study: study.definition.name,
      method: "fanova",
      share: options.share,
      trials: result.trials,
      forecast,
      fitted: result.fitted,
      explained: result.explained,
      conditional: [...result.conditional],
      params: result.params.map(({ param, share }) => ({
        param,
        importance: share,
        best: bestJson(best.get(param)),
      })),
      pairs: result.pairs.map(({ params, share }) => ({ params: [...params], importance: share })),
    });
    if (result.trials < 2) process.exitCode = 1;
    return;
  }
  checkEnough(study, result.trials);
  const rows = [
    ...result.params.map(({ param, share }) => ({ name: param, share, values: bestText(best.get(param)) })),
    ...result.pairs
      .filter(({ share }) => share >= LEAST_PAIR)
      .map(({ params, share }) => ({ name: params.join(" with "), share, values: "" })),
  ];
  print(importanceTable(options.share, rows));
  const fitted = result.fitted < result.trials ? ` The trees were fitted to ${result.fitted} of them.` : "";
  tell(`${comparedText(result.trials, forecast)}${fitted}`);
  const alone = result.params.reduce((sum, { share }) => sum + share, 0);
  tell(
    `By themselves, the params explain ${percentText(alone)} of the variance; the rest is what several explain together.`,
  );
  if (result.conditional.length > 0) {
    tell(
      `Without a share, since only some trials have them: ${result.conditional.join(", ")}. --method ped-anova compares them where they are on.`,
    );
  }
  if (result.explained < ENOUGH_EXPLAINED) {
    tell(
      `The trees explain ${percentText(Math.max(0, result.explained))} of the variance of trials that they have not seen: too little to trust these shares.`,
    );
  }
}

/** A table of importances, the most important first. */
function importanceTable(
  share: number,
  rows: readonly { readonly name: string; readonly share: number; readonly values: string }[],
): string {
  const percent = `${Number((share * 100).toPrecision(3))} %`;
  return tableText(
    [
      { title: "param" },
      { title: "importance", align: "right" },
      { title: "" },
      { title: `the best ${percent} have` },
    ],
    rows.map(({ name, share: own, values }) => [styled("bold", name), percentText(own), barOf(own), values]),
  );
}

const percentText = (share: number): string => `${Math.round(share * 100)} %`;

/** Shows which params matter. @throws CurvewiseError `NO_VALUE_YET` */
export async function showImportance(
  name: string | undefined,
  options: ImportanceCommandOptions,
): Promise<void> {
  await withStudy(options.storage, name, ({ study }) => {
    const { definition } = study;
    const { trials, forecast } = measuredTrials(study, options.complete === true);
    if (options.method === "fanova") {
      showVariance(study, trials, forecast, options);
      return;
    }
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
    checkEnough(study, result.trials);
    print(
      importanceTable(
        options.share,
        result.params.map(({ param, importance, best }) => ({
          name: param,
          share: importance,
          values: bestText(best),
        })),
      ),
    );
    tell(`${comparedText(result.trials, forecast)} ${result.bestTrials} are among the best.`);
    if (result.bestTrials < ENOUGH_BEST) {
      tell(
        `That is too few to tell by: give a greater --share, or come back after ${counted(Math.ceil(ENOUGH_BEST / options.share), "trial")}.`,
      );
    }
  });
}
