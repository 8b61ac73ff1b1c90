import { CurvewiseError } from "../../core/errors.js";
import { costOf, type Goal, isBetter } from "../../core/goal.js";
import type { Json } from "../../core/json.js";
import { nameHint } from "../../core/nearest.js";
import type { TrialState } from "../../core/trial.js";
import { counted } from "../../core/wording.js";
import type { ForeignReport, ForeignStudy, ForeignTrial } from "../foreign-study.js";
import { foundSpace } from "./optuna-space.js";
import type { OptunaState, OptunaStudy, OptunaTrial } from "./optuna-study.js";

const STATES: { readonly [State in OptunaState]: TrialState } = {
  COMPLETE: "complete",
  PRUNED: "stopped",
  FAIL: "failed",
  RUNNING: "running",
  WAITING: "waiting",
};

/** What the user chooses of a study with several. */
export interface OptunaSelection {
  /** The objective that becomes the goal, by its name or its place from 0. */
  readonly objective?: string;
  /** What the goal metric is called, if the study does not say. */
  readonly metric?: string;
}

/** The objectives' names: as the study has them, or `value`, or `value_0`, `value_1`, ... as in Optuna's data frames. */
function objectiveNames({ directions, systemAttributes }: OptunaStudy, metric: string | undefined): string[] {
  const named = systemAttributes["study:metric_names"];
  return directions.map((_, place) => {
    const name = Array.isArray(named) ? named[place] : undefined;
    if (metric !== undefined && directions.length === 1) return metric;
    if (typeof name === "string" && name !== "") return name;
    return directions.length === 1 ? "value" : `value_${place}`;
  });
}

function chosenObjective(study: OptunaStudy, names: readonly string[], chosen: string | undefined): number {
  if (names.length === 0) {
    throw new CurvewiseError("IMPORT_INVALID", `Optuna's study "${study.name}" has no direction`, {
      hint: "A study minimizes or maximizes at least one value; check that the file is whole.",
    });
  }
  if (chosen === undefined) {
    if (names.length === 1) return 0;
    throw new CurvewiseError(
      "OBJECTIVE_NEEDED",
      `Optuna's study "${study.name}" has ${names.length} objectives`,
      {
        hint: `Choose the one to tune for with --objective: ${names.join(", ")}. The others become metrics.`,
      },
    );
  }
  const place = names.indexOf(chosen) >= 0 ? names.indexOf(chosen) : Number(chosen);
  if (names[place] !== undefined) return place;
  throw new CurvewiseError(
    "OBJECTIVE_UNKNOWN",
    `Optuna's study "${study.name}" has no objective "${chosen}"`,
    {
      hint: nameHint(chosen, names),
    },
  );
}

const sortedReports = ({ intermediates }: OptunaTrial): [number, number][] =>
  [...intermediates].sort(([a], [b]) => a - b);

const same = (a: number | undefined, b: number | undefined): boolean =>
  Object.is(a, b) || (a === 0 && b === 0);

/** Which report of its curve every complete trial returned; undefined if some returned another number. */
function reportReturned(study: OptunaStudy, goal: Goal): "last" | "best" | undefined {
  const complete = study.trials.filter(({ state }) => state === "COMPLETE");
  const lastOf = (trial: OptunaTrial) => sortedReports(trial).at(-1)?.[1];
  const bestOf = (trial: OptunaTrial) =>
    [...trial.intermediates.values()].reduce<number | undefined>(
      (best, value) => (isBetter(value, best ?? Number.NaN, goal) ? value : best),
      undefined,
    );
  const returned = (trial: OptunaTrial) => trial.values?.[0];
  if (complete.every((trial) => same(lastOf(trial), returned(trial)))) return "last";
  return complete.every((trial) => same(bestOf(trial), returned(trial))) ? "best" : undefined;
}

/** The values that a trial returned, by the objectives' names. */
function returnedMetrics(trial: OptunaTrial, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    names.flatMap((name, place) => {
      const value = trial.values?.[place];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function reportsOf(
  trial: OptunaTrial,
  metric: string,
  names: readonly string[],
  isOwn: boolean,
): ForeignReport[] {
  const reports = sortedReports(trial).map(([step, value]) => ({ step, metrics: { [metric]: value } }));
  if (!isOwn || trial.state !== "COMPLETE") return reports;
  const step = (reports.at(-1)?.step ?? 0) + 1;
  return [...reports, { step, metrics: returnedMetrics(trial, names) }];
}

/** What is said of a trial besides its params, its values and its state. */
function attributesOf({ state, userAttributes, systemAttributes }: OptunaTrial): Record<string, Json> {
  const { fixed_params: given, ...others } = systemAttributes;
  const system = given === undefined || state === "WAITING" ? others : { ...others, fixed_params: given };
  const isEmpty = Object.keys(system).length === 0;
  return { ...userAttributes, ...(isEmpty ? {} : { "optuna:system": system }) };
}

/** Whether a trial breaks one of Optuna's constraints: each is a number that is above zero then. */
function breaksConstraint({ systemAttributes }: OptunaTrial): boolean {
  return Object.entries(systemAttributes).some(([key, value]) => {
    if (!key.startsWith("constraints")) return false;
    return [value].flat().some((each) => typeof each === "number" && each > 0);
  });
}

/**
 * A study of Optuna in our terms.
 *
 * If every complete trial returned the last (or the best) value that it had reported, its reports are its curve and the
 * goal counts the last (or the best) one. Otherwise what it returned becomes one more report, a step after its last one.
 *
 * @throws CurvewiseError `IMPORT_INVALID`, `OBJECTIVE_NEEDED`, `OBJECTIVE_UNKNOWN`; `IMPORT_EMPTY` without a single param
 */
export function foreignFromOptuna(
  study: OptunaStudy,
  { objective, metric }: OptunaSelection = {},
): ForeignStudy {
  const names = objectiveNames(study, metric);
  const chosen = chosenObjective(study, names, objective);
  const goalMetric = names[chosen] ?? "value";
  const direction = study.directions[chosen] === "MAXIMIZE" ? "maximize" : "minimize";
  const warnings: string[] = [];
  const { space, params } = foundSpace(study.trials, warnings);
  if (Object.keys(space).length === 0) {
    throw new CurvewiseError("IMPORT_EMPTY", `no trial of Optuna's study "${study.name}" has a param`, {
      hint: "A study needs at least one trial that suggested something.",
    });
  }
  const goal: Goal = { metric: goalMetric, direction, of: "last" };
  const report = names.length === 1 ? reportReturned(study, goal) : undefined;
  const isOwn = report === undefined;
  const trials = study.trials.map((trial, number): ForeignTrial => {
    const reason = trial.systemAttributes["fail_reason"] ?? trial.userAttributes["curvewise:failure"];
    return {
      params: params[number] ?? {},
      state: STATES[trial.state],
      reports: reportsOf(trial, goalMetric, names, isOwn),
      startedAt: trial.startedAt,
      endedAt: trial.endedAt,
      ...(typeof reason === "string" ? { failure: reason } : {}),
      attributes: attributesOf(trial),
    };
  });
  const infinite = study.trials.filter(
    ({ state, values }) =>
      state === "COMPLETE" &&
      values?.[chosen] !== undefined &&
      costOf(values[chosen], goal) === Number.POSITIVE_INFINITY,
  ).length;
  if (infinite > 0) {
    warnings.push(
      `The value of ${infinite} complete trial${infinite === 1 ? " is" : "s is"} infinite, which is never the best one here, whatever its sign.`,
    );
  }
  const infeasible = study.trials.filter(breaksConstraint).length;
  if (infeasible > 0) {
    warnings.push(
      `${counted(infeasible, "trial")} broke constraints of Optuna, which are kept as attributes only: the best trial here may be one of them.`,
    );
  }
  const attributes = Object.keys(study.userAttributes).filter((key) => !key.startsWith("curvewise:"));
  if (attributes.length > 0) {
    warnings.push(`The study's own user attributes are not kept: ${attributes.join(", ")}.`);
  }
  return {
    tool: "optuna",
    name: study.name,
    goal: { ...goal, of: report ?? "last" },
    space,
    trials,
    finalValues: isOwn,
    warnings,
  };
}
