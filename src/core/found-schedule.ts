import { historyOf, type Stage } from "./lineage.js";
import type { Params, ParamValue } from "./param.js";
import type { Study } from "./study.js";
import { goalValue, lastStep } from "./trial.js";

/** From a step on, a param that is a number of at least zero; what the schedule `piecewise` is made of. */
export interface FoundRate {
  readonly from: number;
  readonly rate: number;
}

/** From a step on, any param; null where it is switched off. */
export interface FoundSwitch {
  readonly from: number;
  readonly value: ParamValue | null;
}

/** How a trial's model was trained, as something to train again with. All steps count those that were done before. */
export interface FoundSchedule {
  readonly study: string;
  readonly trial: number;
  readonly goal: { readonly metric: string; readonly direction: "minimize" | "maximize" };
  /** What the goal metric came to; null when it was never reported or is not finite. */
  readonly value: number | null;
  /** The steps that the model was trained. */
  readonly steps: number;
  /** The params that were the same throughout. */
  readonly params: Params;
  /** Numbers that changed, as schedules of `curvewise/schedules`. */
  readonly schedules: Readonly<
    Record<string, { readonly piecewise: { readonly changes: readonly FoundRate[] }; readonly unit: "step" }>
  >;
  /** Params that changed and are no such numbers: choices, negative numbers, params that were not always on. */
  readonly switches: Readonly<Record<string, readonly FoundSwitch[]>>;
}

/** A param's values one after the other, each from where it differs from the one before. */
function changesOf(history: readonly Stage[], name: string): FoundSwitch[] {
  const changes: FoundSwitch[] = [];
  for (const { fromStep, params } of history) {
    const value = params[name] ?? null;
    if (changes.at(-1)?.value !== value) changes.push({ from: fromStep, value });
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
 * The schedule that a study found: how the present model of one of its trials was trained, its ancestors' part
 * included. Without inheritances all params are the same throughout; so they are in a trial that has trained nothing.
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
      const constant = first === undefined ? subject?.params[param] : first.value;
      if (constant !== undefined && constant !== null) params[param] = constant;
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
