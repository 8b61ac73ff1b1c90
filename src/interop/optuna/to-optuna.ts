import { encodeNumber, isMapping, type Json } from "../../core/json.js";
import type { Param, ParamValue } from "../../core/param.js";
import { placeOfValue, textOfValue } from "../../core/param-value.js";
import { countValues } from "../../core/search-space.js";
import type { Study } from "../../core/study.js";
import type { StudyDefinition } from "../../core/study-definition.js";
import { goalValue, lastValue, type Trial, type TrialState } from "../../core/trial.js";
import { IMPORTED_FAILURE } from "../foreign-events.js";
import { exportedSpace } from "./exported-space.js";
import type { Distribution, OptunaParam, OptunaState, OptunaStudy, OptunaTrial } from "./optuna-study.js";

const STATES: { readonly [State in TrialState]: OptunaState } = {
  complete: "COMPLETE",
  stopped: "PRUNED",
  // Optuna has no trials that may go on.
  paused: "PRUNED",
  failed: "FAIL",
  running: "RUNNING",
  waiting: "WAITING",
};

/** What our own attributes in Optuna's files begin with. */
const OWN = "curvewise:";

/**
 * A value as a choice of Optuna's, which are none, truth values, numbers and texts: its dashboard fails at others. What
 * came from Optuna is given back as it was.
 */
const asChoice = (value: ParamValue, { imported }: StudyDefinition): ParamValue =>
  typeof value === "object" && value !== null && imported?.tool !== "optuna" ? textOfValue(value) : value;

function distributionOf(param: Param, definition: StudyDefinition): Distribution {
  const choices = (values: readonly ParamValue[]): Distribution => ({
    name: "CategoricalDistribution",
    choices: values.map((value) => asChoice(value, definition)),
  });
  switch (param.kind) {
    case "float":
    case "int": {
      const { low, log, step } = param;
      const name = param.kind === "float" ? "FloatDistribution" : "IntDistribution";
      // Optuna wants an end that is one of the steps.
      const high =
        step === undefined || log
          ? param.high
          : Number((low + (countValues(param) - 1) * step).toPrecision(15));
      return { name, low, high, log, step: log ? undefined : step };
    }
    case "choice":
    case "ordinal":
      return choices(param.options);
    case "fixed":
      return choices([param.value]);
  }
}

function internalOf(param: Param, value: ParamValue): number {
  if (param.kind === "choice" || param.kind === "ordinal") return placeOfValue(param.options, value);
  return param.kind === "fixed" || typeof value !== "number" ? 0 : value;
}

/** What an imported trial ended with, apart from its curve. */
const hasFinalValue = ({ definition: { imported } }: Study, { sampler, state }: Trial): boolean =>
  imported?.finalValues === true && sampler === imported.tool && state === "complete";

/** The goal metric by step, as Optuna's program would have counted them. */
function intermediatesOf(study: Study, trial: Trial): Map<number, number> {
  const { goal, imported, program } = study.definition;
  const shift = imported?.firstStep === 0 || program?.firstStep === 0 ? 1 : 0;
  const column = trial.curve.metrics.get(goal.metric) ?? [];
  const points = trial.curve.steps.flatMap((step, place): [number, number][] => {
    const value = column[place];
    return value === null || value === undefined ? [] : [[step - shift, value]];
  });
  return new Map(hasFinalValue(study, trial) ? points.slice(0, -1) : points);
}

/** What has no place of its own in Optuna, as attributes; those that were imported keep their names. */
function userAttributesOf(
  study: Study,
  trial: Trial,
  state: OptunaState,
  given: Readonly<Record<string, Json>>,
): Record<string, Json> {
  const { "optuna:system": _system, ...others } = given;
  const attributes: Record<string, Json> = { ...others };
  for (const metric of trial.curve.metrics.keys()) {
    if (metric === study.definition.goal.metric) continue;
    const value = lastValue(trial, metric);
    const name = Object.hasOwn(others, metric) ? `${OWN}${metric}` : metric;
    if (value !== undefined) attributes[name] = encodeNumber(value);
  }
  if (STATES[trial.state] !== state || trial.state === "paused") attributes[`${OWN}state`] = trial.state;
  if (trial.decision !== undefined && trial.state !== "complete")
    attributes[`${OWN}reason`] = trial.decision.reason;
  // Why trials of Optuna failed is among their attributes, if Optuna knew it.
  const isKnown = trial.failure?.code === IMPORTED_FAILURE && study.definition.imported?.tool === "optuna";
  if (trial.state === "failed" && trial.failure !== undefined && !isKnown)
    attributes[`${OWN}failure`] = `${trial.failure.code}: ${trial.failure.message}`;
  return attributes;
}

function systemAttributesOf(
  { definition }: Study,
  trial: Trial,
  given: Readonly<Record<string, Json>>,
): Record<string, Json> {
  const system = given["optuna:system"];
  const kept = isMapping(system) ? system : {};
  if (trial.state !== "waiting") return { ...kept };
  const fixed = Object.entries(trial.params).map(([name, value]) => [name, asChoice(value, definition)]);
  return { ...kept, fixed_params: Object.fromEntries(fixed) };
}

function trialOf(study: Study, trial: Trial, given: Readonly<Record<string, Json>>): OptunaTrial {
  const { goal, space } = study.definition;
  const value = goalValue(trial, goal);
  const usual = STATES[trial.state];
  // A value that is not a number fails a trial of Optuna's.
  const state = usual === "COMPLETE" && (value === undefined || Number.isNaN(value)) ? "FAIL" : usual;
  const hasValue =
    (state === "COMPLETE" || state === "PRUNED") && value !== undefined && !Number.isNaN(value);
  const params = Object.entries(trial.params).flatMap(([name, set]): [string, OptunaParam][] => {
    const param = Object.hasOwn(space, name) ? space[name] : undefined;
    return param === undefined
      ? []
      : [[name, { internal: internalOf(param, set), distribution: distributionOf(param, study.definition) }]];
  });
  const isBegun = trial.startedAt !== undefined;
  const isEnded = state !== "RUNNING" && state !== "WAITING";
  return {
    state,
    startedAt: isBegun && state !== "WAITING" ? trial.startedAt : undefined,
    endedAt: isEnded ? (trial.endedAt ?? trial.startedAt ?? trial.askedAt) : undefined,
    // What waits gets its params when it is popped.
    params: new Map(state === "WAITING" ? [] : params),
    values: hasValue ? [value] : undefined,
    intermediates: intermediatesOf(study, trial),
    userAttributes: userAttributesOf(study, trial, state, given),
    systemAttributes: systemAttributesOf(study, trial, given),
  };
}

/**
 * A study as Optuna keeps it: the goal metric's curves are the intermediate values, and what the goal counts of each is
 * the value. Stopped and paused trials are pruned ones.
 *
 * @param attributes what was imported with trials, by their numbers
 */
export function optunaStudy(
  recorded: Study,
  attributes: ReadonlyMap<number, Readonly<Record<string, Json>>>,
): OptunaStudy {
  const study = { ...recorded, definition: { ...recorded.definition, space: exportedSpace(recorded) } };
  const { name, goal, sampler, scheduler } = study.definition;
  return {
    name,
    directions: [goal.direction === "minimize" ? "MINIMIZE" : "MAXIMIZE"],
    userAttributes: { [`${OWN}sampler`]: sampler.name, [`${OWN}scheduler`]: scheduler.name },
    systemAttributes: { "study:metric_names": [goal.metric] },
    trials: study.trials.map((trial) => trialOf(study, trial, attributes.get(trial.number) ?? {})),
  };
}

/** What of a study Optuna has no place for, one sentence each. */
export function lostInOptuna(study: Study): string[] {
  const { goal, replicates, constraints, space } = study.definition;
  const texts = Object.entries(space).flatMap(([name, param]) => {
    const values = param.kind === "fixed" ? [param.value] : "options" in param ? param.options : [];
    return values.some((value) => asChoice(value, study.definition) !== value) ? [name] : [];
  });
  const others = new Set(study.trials.flatMap(({ curve }) => [...curve.metrics.keys()]));
  others.delete(goal.metric);
  const copies = study.trials.filter(({ inheritances }) => inheritances.length > 0).length;
  const paused = study.byState.paused.size;
  return [
    ...(others.size === 0
      ? []
      : [`Of the metrics ${[...others].join(", ")} only the last values are kept, as user attributes.`]),
    ...(texts.length === 0
      ? []
      : [
          `Lists and mappings among the values of ${texts.join(", ")} become text: Optuna has no such choices.`,
        ]),
    ...(replicates === undefined ? [] : ["Of replicates only the first one's curve is kept."]),
    ...(constraints.length === 0 ? [] : ["Constraints are not kept: Optuna has them in the program."]),
    ...(copies === 0
      ? []
      : ["Optuna has no trials that go on with other trials' models: each keeps its last curve."]),
    ...(paused === 0 ? [] : ["Paused trials become pruned ones, with the user attribute curvewise:state."]),
  ];
}
