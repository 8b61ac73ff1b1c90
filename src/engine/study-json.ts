import { bestTrial } from "../core/best-trial.js";
import { nothingElse } from "../core/fields.js";
import type { Goal } from "../core/goal.js";
import { frontOf } from "../core/goals/front.js";
import { goalsOf, metricValue, violationOfTrial } from "../core/goals/trial-result.js";
import { encodeNumber, type Json } from "../core/json.js";
import { countCopies } from "../core/lineage.js";
import { secondsPerStart, secondsPerStep } from "../core/pace.js";
import type { Hold, PendingRequest } from "../core/request.js";
import type { Holder } from "../core/storage.js";
import type { Study } from "../core/study.js";
import type { AlgorithmChoice, Budget } from "../core/study-definition.js";
import { goalValue, lastStep, secondsOf, TRIAL_STATES, type Trial } from "../core/trial.js";
import { secondsSaved, stepsSaved } from "../forecast/steps-saved.js";
import { isOver } from "../forecast/study-worth.js";

/** JSON that is a mapping. */
export type JsonObject = { readonly [key: string]: Json };

/** A budget as JSON. */
export const budgetJson = ({ worthwhile, ...limits }: Budget): JsonObject => ({
  ...limits,
  ...(worthwhile === undefined ? {} : { worthwhile: { ...worthwhile } }),
});

/** A goal as JSON. */
export function goalJson({ others, constraints, ...goal }: Goal): JsonObject {
  return {
    ...goal,
    ...(others === undefined ? {} : { others: others.map((other) => ({ ...other })) }),
    ...(constraints === undefined ? {} : { constraints: constraints.map((each) => ({ ...each })) }),
  };
}

/** The goal metric's last value as JSON; null if it was never reported or is not finite. */
function valueJson(study: Study, trial: Trial): number | null {
  const value = goalValue(trial, study.definition.goal);
  return value !== undefined && Number.isFinite(value) ? value : null;
}

/** The values of all goals, by metric; null where it is not finite, or was not reported. */
function valuesJson(trial: Trial, goal: Goal): JsonObject {
  return Object.fromEntries(
    goalsOf(goal).map(({ metric }) => {
      const value = metricValue(trial, metric, goal);
      return [metric, value !== undefined && Number.isFinite(value) ? value : null];
    }),
  );
}

/**
 * A learning curve: one entry per reported step, with the metrics reported there; NaN and infinities as
 * words.
 */
function curveJson({ curve }: Pick<Trial, "curve">): JsonObject[] {
  return curve.steps.map((step, index) => {
    const metrics = [...curve.metrics].flatMap(([name, column]) => {
      const value = column[index];
      return value === null || value === undefined ? [] : [[name, encodeNumber(value)] as const];
    });
    return { step, ...Object.fromEntries(metrics) };
  });
}

/** The models that a trial went on with instead of its own, in order. */
function inheritancesJson({ inheritances }: Trial): JsonObject[] {
  return inheritances.map(({ at, reached, parent, parentInheritances, step, value, before }) => ({
    at,
    reached,
    parent,
    parentInheritances,
    step,
    value,
    before: { ...before },
  }));
}

/** A trial as `export --format jsonl` writes it, and nothing more. */
export function exportedTrial(study: Study, trial: Trial): JsonObject {
  const { number, state, params } = trial;
  const value = valueJson(study, trial);
  const { goal } = study.definition;
  const further = goal.others === undefined ? {} : { values: valuesJson(trial, goal) };
  const own = {
    number,
    state,
    params: { ...params },
    value,
    ...further,
    ...(goal.constraints === undefined ? {} : { feasible: violationOfTrial(trial, goal) === 0 }),
    curve: curveJson(trial),
  };
  const { replicates, inheritances } = trial;
  return {
    ...own,
    ...(inheritances.length === 0 ? {} : { inheritances: inheritancesJson(trial) }),
    ...(replicates.length === 0
      ? {}
      : { replicates: replicates.map((each) => ({ seed: each.seed, curve: curveJson(each) })) }),
  };
}

/** Everything known about a trial, as the read commands write it with `--json`. */
export function trialJson(study: Study, trial: Trial): JsonObject {
  const { decision, failure } = trial;
  return {
    ...exportedTrial(study, trial),
    step: lastStep(trial),
    seed: trial.seed,
    sampler: trial.sampler,
    attempt: trial.attempt,
    failures: trial.failures,
    worker: trial.worker ?? null,
    decision: decision === undefined ? null : { ...decision },
    failure:
      failure === undefined
        ? null
        : {
            code: failure.code,
            message: failure.message,
            hint: failure.hint ?? null,
            output: [...failure.output],
          },
    snapshot: trial.snapshot === undefined ? null : { ...trial.snapshot },
    bestSnapshot: trial.bestSnapshot === undefined ? null : { ...trial.bestSnapshot },
    inheritances: inheritancesJson(trial),
    askedAt: trial.askedAt,
    startedAt: trial.startedAt ?? null,
    endedAt: trial.endedAt ?? null,
    seconds: secondsOf(trial) ?? null,
  };
}

/** A chosen algorithm; its module only if it has one. */
function algorithmJson({ name, options, module }: AlgorithmChoice): JsonObject {
  return { name, options, ...(module === undefined ? {} : { module: { ...module } }) };
}

const holdJson = ({ action, by, time }: Hold): JsonObject => ({ action, by, time });

/** A request as `status --json` writes it. */
export const requestJson = ({ number, time, request: { by, action } }: PendingRequest): JsonObject => ({
  number,
  time,
  by,
  action: { ...action },
});

/** A study's state as `status --json` writes it. */
export function studyJson(study: Study, holder: Holder | undefined): JsonObject {
  const { definition, trials, byState } = study;
  const { name, goal, sampler, scheduler, maxSteps = null, seed, budget, ...unshown } = definition;
  const { space: _space, constraints: _constraints, retries: _retries, ...others } = unshown;
  // A program's environment may contain secrets.
  const { timeout: _timeout, program: _program, replicates, countStarts, imported, ...unknown } = others;
  nothingElse(unknown);
  const best = bestTrial(study);
  const front = goal.others === undefined ? undefined : frontOf(study, goalsOf(goal));
  return {
    name,
    goal: goalJson(goal),
    state: holder === undefined ? (isOver(study) ? "finished" : "idle") : "running",
    holder: holder === undefined ? null : { host: holder.host, pid: holder.pid },
    sampler: algorithmJson(sampler),
    scheduler: algorithmJson(scheduler),
    maxSteps,
    seed,
    ...(replicates === undefined ? {} : { replicates }),
    ...(countStarts === undefined ? {} : { countStarts }),
    ...(imported === undefined ? {} : { imported: { ...imported } }),
    budget: budgetJson(budget),
    trials: {
      total: trials.length,
      ...Object.fromEntries(TRIAL_STATES.map((state) => [state, byState[state].size] as const)),
    },
    totalSteps: study.totalSteps,
    stepsSaved: stepsSaved(study) ?? null,
    stepsAgain: study.pace.again,
    secondsSaved: secondsSaved(study) ?? null,
    secondsPerStep: secondsPerStep(study.pace) ?? null,
    starts: {
      total: study.pace.starts,
      afterPause: study.pace.restarts,
      parked: study.pace.parked,
      seconds: secondsPerStart(study.pace) ?? null,
    },
    exploits: countCopies(study),
    elapsed: study.elapsed,
    best:
      best === undefined
        ? null
        : {
            trial: best.trial.number,
            value: best.value,
            complete: best.complete,
            params: { ...best.trial.params },
          },
    ...(front === undefined
      ? {}
      : {
          front: front.members.map(({ trial, values }) => ({ trial: trial.number, values: [...values] })),
          hypervolume: front.hypervolume,
        }),
    events: study.events,
    createdAt: study.createdAt,
    updatedAt: study.updatedAt,
    halt: study.halt === undefined ? null : holdJson(study.halt),
    held: [...study.held].map(([trial, hold]) => ({ trial, ...holdJson(hold) })),
    tags: [...study.tags],
    trialTags: [...study.trialTags].map(([trial, tags]) => ({ trial, tags: [...tags] })),
    notes: study.notes.map(({ trial, code, message, hint, by, time }) => ({
      trial: trial ?? null,
      code,
      message,
      hint: hint ?? null,
      by: by ?? null,
      time,
    })),
  };
}
