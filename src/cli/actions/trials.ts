import { CurvewiseError } from "../../core/errors.js";
import { costOf } from "../../core/goal.js";
import { goalsOf, metricValue, violationOfTrial } from "../../core/goals/trial-result.js";
import { countCopies } from "../../core/lineage.js";
import { nameHint } from "../../core/nearest.js";
import { textOfValue } from "../../core/param-value.js";
import type { Study } from "../../core/study.js";
import { goalValue, lastStep, lastValue, secondsOf, TRIAL_STATES, type Trial } from "../../core/trial.js";
import { trialJson } from "../../engine/study-json.js";
import { withStudy } from "../database.js";
import type { ReadOptions } from "../options.js";
import { print, printJson, tell } from "../output.js";
import { type Column, tableText } from "../table.js";
import { counted, durationText, numberText, replicatesText, valueText } from "../wording.js";

/** Options of `curvewise trials`. */
export interface TrialsOptions extends ReadOptions {
  readonly state?: readonly string[];
  readonly sort: string;
  readonly reverse?: boolean;
  readonly limit?: number;
}

type SortKey = string | number | boolean | undefined;

/** What trials are sorted by: smaller first, undefined last. */
function sortKey(study: Study, by: string): (trial: Trial) => SortKey {
  const { goal, space } = study.definition;
  switch (by) {
    case "number":
      return ({ number }) => number;
    case "state":
      return ({ state }) => TRIAL_STATES.indexOf(state);
    case "step":
      return lastStep;
    case "time":
      return secondsOf;
    case "value":
      return (trial) => {
        const value = goalValue(trial, goal);
        return value === undefined ? undefined : costOf(value, goal);
      };
    default: {
      if (Object.hasOwn(space, by)) {
        return ({ params }) => {
          const value = params[by];
          return typeof value === "object" ? textOfValue(value) : value;
        };
      }
      const metrics = new Set(study.trials.flatMap(({ curve }) => [...curve.metrics.keys()]));
      if (metrics.has(by)) return (trial) => lastValue(trial, by);
      const known = ["number", "state", "step", "time", "value", ...Object.keys(space), ...metrics];
      throw new CurvewiseError("SORT_UNKNOWN", `trials cannot be sorted by "${by}"`, {
        hint: nameHint(by, known),
      });
    }
  }
}

function compareKeys(a: SortKey, b: SortKey): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (typeof a === "number" && typeof b === "number") {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return a < b ? -1 : Number(a > b);
  }
  return String(a) < String(b) ? -1 : Number(String(a) > String(b));
}

function selectTrials(study: Study, options: TrialsOptions): Trial[] {
  const keyOf = sortKey(study, options.sort);
  const chosen = study.trials.filter(({ state }) => options.state?.includes(state) ?? true);
  const keyed = chosen.map((trial) => ({ trial, key: keyOf(trial) }));
  keyed.sort((a, b) => compareKeys(a.key, b.key) || a.trial.number - b.trial.number);
  const sorted = keyed.map(({ trial }) => trial);
  if (options.reverse === true) sorted.reverse();
  return options.limit === undefined ? sorted : sorted.slice(0, options.limit);
}

function whyText({ decision, failure, state, inheritances }: Trial): string {
  if (failure !== undefined && state !== "complete") return `${failure.code}: ${failure.message}`;
  const source = inheritances.at(-1);
  const origin =
    source === undefined ? "" : `went on with trial ${source.parent}'s model of step ${source.step}`;
  return decision?.reason ?? origin;
}

const MAX_WHY = 60;
const clipped = (text: string): string => (text.length <= MAX_WHY ? text : `${text.slice(0, MAX_WHY - 1)}…`);

function trialsTable(study: Study, trials: readonly Trial[]): string {
  const { goal, space } = study.definition;
  const params = Object.keys(space).filter((name) => space[name]?.kind !== "fixed");
  const isPopulation = countCopies(study) > 0;
  const { replicates } = study.definition;
  const columns: Column[] = [
    { title: "trial", align: "right" },
    { title: "state" },
    ...goalsOf(goal).map(({ metric }): Column => ({ title: metric, align: "right" })),
    ...(goal.constraints === undefined ? [] : [{ title: "feasible" }]),
    { title: "step", align: "right" },
    { title: "time", align: "right" },
    ...params.map((title): Column => ({ title, align: "right" })),
    ...(isPopulation ? [{ title: "exploits", align: "right" } as const] : []),
    ...(replicates === undefined ? [] : [{ title: "replicates" }]),
    { title: "why" },
  ];
  const rows = trials.map((trial) => {
    const seconds = secondsOf(trial);
    return [
      String(trial.number),
      trial.state,
      ...goalsOf(goal).map(({ metric }) => numberText(metricValue(trial, metric, goal))),
      ...(goal.constraints === undefined ? [] : [violationOfTrial(trial, goal) === 0 ? "yes" : "no"]),
      String(lastStep(trial)),
      seconds === undefined ? "-" : durationText(seconds),
      ...params.map((name) => {
        const value = trial.params[name];
        return value === undefined ? "-" : valueText(value);
      }),
      ...(isPopulation ? [String(trial.inheritances.length)] : []),
      ...(replicates === undefined ? [] : [replicatesText(study, trial)]),
      clipped(whyText(trial)),
    ];
  });
  return tableText(columns, rows);
}

/** Lists a study's trials. @throws CurvewiseError `SORT_UNKNOWN` */
export async function listTrials(name: string | undefined, options: TrialsOptions): Promise<void> {
  await withStudy(options.storage, name, ({ study }) => {
    const trials = selectTrials(study, options);
    if (options.json === true) {
      printJson({ study: study.definition.name, trials: trials.map((trial) => trialJson(study, trial)) });
      return;
    }
    if (trials.length > 0) print(trialsTable(study, trials));
    if (trials.length < study.trials.length)
      tell(`${trials.length} of ${counted(study.trials.length, "trial")}`);
    else if (trials.length === 0) tell("The study has no trials yet.");
  });
}
