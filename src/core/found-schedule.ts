import { historyOf, type Stage } from "./lineage.js";
import type { Params, ParamValue } from "./param.js";
import { sameValue } from "./param-value.js";
import type { Study } from "./study.js";
import { goalValue, lastStep } from "./trial.js";

/** The value of a non-negative number from a step on; a piece of the schedule `piecewise`. */
export interface FoundRate {
  readonly from: number;
  readonly rate: number;
}

/** The value of any param from a step on; null where it is switched off, unless `on` says that null is its value. */
export interface FoundSwitch {
  readonly from: number;
  readonly value: ParamValue;
  readonly on?: true;
}

/** The value that a change gives a param; undefined where it is switched off. */
export const valueOfSwitch = ({ value, on }: FoundSwitch): ParamValue | undefined =>
  value === null && on !== true ? undefined : value;

/** How a trial's model was trained, in a form that can be trained again. Steps are steps already trained. */
export interface FoundSchedule {
  readonly study: string;
  readonly trial: number;
  readonly goal: { readonly metric: string; readonly direction: "minimize" | "maximize" };
  /** The final goal metric; null if it was never reported or is not finite. */
  readonly value: number | null;
  /** How many steps the model was trained. */
  readonly steps: number;
  /** The params that were the same throughout. */
  readonly params: Params;
  /** Numbers that changed, as schedules for `curvewise/schedules`. */
  readonly schedules: Readonly<
    Record<string, { readonly piecewise: { readonly changes: readonly FoundRate[] }; readonly unit: "step" }>
  >;
  /** Other params that changed: choices, negative numbers, params that were not always on. */
  readonly switches: Readonly<Record<string, readonly FoundSwitch[]>>;
}

/** A param's successive values, each from the step at which it changes. */
function changesOf(history: readonly Stage[], name: string): FoundSwitch[] {
  const changes: FoundSwitch[] = [];
  let before: ParamValue | undefined;
  for (const { fromStep, params } of history) {
    const value = params[name];
    if (changes.length > 0 && sameValue(before, value)) continue;
    before = value;
    if (value === undefined) changes.push({ from: fromStep, value: null });
    else changes.push({ from: fromStep, value, ...(value === null ? { on: true } : {}) });
  }
  return changes;
}

function ratesOf(changes: readonly FoundSwitch[]): FoundRate[] | undefined {
  const rates = changes.flatMap(({ from, value }) =>
    typeof value === "number" && value >= 0 ? [{ from, rate: value }] : [],
  );
  return rates.length === changes.length ? rates : undefined;
}

/**
 * The schedule that a study found: how the current model of one of its trials was trained, including its ancestors'
 * part. Without inheritances, or if the trial has trained nothing, all params stay the same throughout.
 *
 * @param trial the trial's number, which must exist
 * @throws CurvewiseError `LOG_INVALID` when the study is not the fold of a valid log
 */
export function foundSchedule(study: Pick<Study, "definition" | "trials">, trial: number): FoundSchedule {
  const { name, goal, space } = study.definition;
  const subject = study.trials[trial];
  const history = historyOf(study, trial);
  const value = subject && goalValue(subject, goal);
  const params: Record<string, ParamValue> = {};
  const schedules: Record<string, FoundSchedule["schedules"][string]> = {};
  const switches: Record<string, readonly FoundSwitch[]> = {};
  for (const param of Object.keys(space)) {
    const changes = changesOf(history, param);
    const [first, second] = changes;
    if (second === undefined) {
      const constant = first === undefined ? subject?.params[param] : valueOfSwitch(first);
      if (constant !== undefined) params[param] = constant;
      continue;
    }
    const rates = ratesOf(changes);
    if (rates === undefined) switches[param] = changes;
    else schedules[param] = { piecewise: { changes: rates }, unit: "step" };
  }
  return {
    study: name,
    trial,
    goal: { metric: goal.metric, direction: goal.direction },
    value: value !== undefined && Number.isFinite(value) ? value : null,
    steps: subject === undefined ? 0 : lastStep(subject),
    params,
    schedules,
    switches,
  };
}
