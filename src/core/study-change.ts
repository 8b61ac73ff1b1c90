import { corrupt } from "./corrupt-log.js";
import type { Reopened, StudyChanged } from "./events.js";
import { nothingElse } from "./fields.js";
import type { Params, ParamValue, Space } from "./param.js";
import { isOn, ownParams, problemsOf } from "./search-space.js";
import type { Budget, StudyDefinition } from "./study-definition.js";
import { enter, type StudyRecord, type TrialRecord } from "./study-record.js";
import { lastStep } from "./trial.js";

/**
 * Whether sampler and scheduler are created again for a change: from the event on, they are those of the changed
 * definition, restored from the study as it is after the event. Other changes they observe like any event.
 */
export function renewsAlgorithms(change: StudyChanged): boolean {
  const { space, constraints, maxSteps, sampler, scheduler } = change;
  return [space, constraints, maxSteps, sampler, scheduler].some((part) => part !== undefined);
}

/** Whether a space has each of a trial's params, with its value, and lacks none. Constraints do not matter. */
export function fitsSpace(space: Space, params: Params): boolean {
  return problemsOf({ params: space, order: Object.keys(space), constraints: [] }, params).length === 0;
}

/** The definition after a change. */
export function changedDefinition(definition: StudyDefinition, change: StudyChanged): StudyDefinition {
  const { type: _type, budget, program, retries, timeout, modules = {}, ...further } = change;
  const {
    space,
    constraints,
    maxSteps,
    sampler,
    scheduler,
    filled: _filled,
    reopened: _reopened,
    by: _by,
    ...others
  } = further;
  const { sampler: samplerModule, scheduler: schedulerModule, ...unknown } = modules;
  // The event has a time besides.
  const { time: _time, ...unknownParts }: { readonly time?: number } = others;
  nothingElse({ ...unknownParts, ...unknown });
  const { timeout: oldTimeout, ...lasting } = definition;
  const newTimeout = timeout === undefined ? oldTimeout : (timeout ?? undefined);
  const [oldSampler, oldScheduler] = [sampler ?? definition.sampler, scheduler ?? definition.scheduler];
  return {
    ...lasting,
    space: space ?? definition.space,
    constraints: constraints ?? definition.constraints,
    ...(maxSteps === undefined ? {} : { maxSteps }),
    sampler: samplerModule === undefined ? oldSampler : { ...oldSampler, module: samplerModule },
    scheduler: schedulerModule === undefined ? oldScheduler : { ...oldScheduler, module: schedulerModule },
    budget: budget ?? definition.budget,
    retries: retries ?? definition.retries,
    ...(program === undefined ? {} : { program }),
    ...(newTimeout === undefined ? {} : { timeout: newTimeout }),
  };
}

/** Params with the values of added ones, where their conditions hold, in the order of the space. */
export function filledParams(space: Space, params: Params, filled: Params): Params {
  const values: Record<string, ParamValue> = { ...params };
  for (const [name, value] of Object.entries(filled)) {
    if (values[name] === undefined && isOn(space[name]?.when, values)) values[name] = value;
  }
  const ordered: Record<string, ParamValue> = {};
  for (const name of Object.keys(space)) {
    const value = values[name];
    if (value !== undefined) ordered[name] = value;
  }
  return ownParams(space, ordered);
}

/** Gives all of a trial's params, past and to come, the values of added ones. */
function fill(trial: TrialRecord, space: Space, filled: Params): void {
  trial.params = filledParams(space, trial.params, filled);
  if (trial.exploiting !== undefined)
    trial.exploiting = { ...trial.exploiting, params: filledParams(space, trial.exploiting.params, filled) };
  for (const [place, inheritance] of trial.inheritances.entries()) {
    trial.inheritances[place] = { ...inheritance, before: filledParams(space, inheritance.before, filled) };
  }
}

/** Notes whether a trial's params, which have changed, fit the study's space. */
export function noteFit(study: StudyRecord, trial: TrialRecord): void {
  const fits = fitsSpace(study.definition.space, trial.params);
  if (fits !== study.outside.has(trial.number)) return;
  const outside = new Set(study.outside);
  if (fits) outside.delete(trial.number);
  else outside.add(trial.number);
  study.outside = outside;
}

/** Lets trials that were complete be trained further. The places of the others in the order of completion close up. */
function reopen(study: StudyRecord, { trials, state }: Reopened): void {
  for (const number of trials) {
    const trial = study.trials[number];
    if (trial?.state !== "complete")
      return corrupt(study, `trial ${number} is ${trial?.state ?? "unknown"} and cannot be reopened`);
    trial.completion = undefined;
    trial.decision = undefined;
    if (state === "waiting") trial.endedAt = undefined;
    else trial.pauses.push(lastStep(trial));
    enter(study, trial, state);
  }
  let place = 0;
  for (const number of study.byState.complete) {
    const trial = study.trials[number];
    if (trial !== undefined) trial.completion = place;
    place += 1;
  }
}

/** What the budget was before requests raised it; a run with a definition of its own settles the matter. */
function plannedAfter(study: StudyRecord, { by, budget }: StudyChanged): Budget | undefined {
  if (budget === undefined) return study.plannedBudget;
  return by === undefined ? undefined : (study.plannedBudget ?? study.definition.budget);
}

/**
 * Applies a change of a study's definition to it, in the fold of its log.
 *
 * @throws CurvewiseError `LOG_INVALID` when it reopens a trial that is not complete
 */
export function changeStudy(study: StudyRecord, change: StudyChanged): void {
  study.plannedBudget = plannedAfter(study, change);
  study.definition = changedDefinition(study.definition, change);
  if (renewsAlgorithms(change)) study.renewedAt = study.trials.length;
  if (change.reopened !== undefined) reopen(study, change.reopened);
  if (change.space === undefined) return;
  const { space } = study.definition;
  const outside = new Set<number>();
  for (const trial of study.trials) {
    fill(trial, space, change.filled ?? {});
    if (!fitsSpace(space, trial.params)) outside.add(trial.number);
  }
  study.outside = outside;
}
