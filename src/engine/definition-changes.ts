import { isDeepStrictEqual } from "node:util";
import { CurvewiseError } from "../core/errors.js";
import type { StudyChanged } from "../core/events.js";
import { nothingElse, ofFields } from "../core/fields.js";
import { type Goal, isBetter } from "../core/goal.js";
import {
  type AlgorithmChoice,
  type AlgorithmModule,
  type Budget,
  moduleText,
  type StudyDefinition,
} from "../core/study-definition.js";
import { checkMaxSteps, filledBy } from "./space-changes.js";

function differencesOf(path: string, recorded: unknown, now: unknown): string[] {
  if (isDeepStrictEqual(recorded, now)) return [];
  if (isPlainObject(recorded) && isPlainObject(now)) {
    const keys = [...new Set([...Object.keys(recorded), ...Object.keys(now)])];
    return keys.flatMap((key) =>
      differencesOf(path === "" ? key : `${path}.${key}`, recorded[key], now[key]),
    );
  }
  const show = (sign: string, value: unknown): string[] =>
    value === undefined ? [] : [`  ${sign} ${path}: ${JSON.stringify(value)}`];
  return [...show("-", recorded), ...show("+", now)];
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What the user can agree to change: see {@link AgreedChanges.change}. */
type ChangeablePart = Pick<StudyDefinition, "space" | "constraints" | "maxSteps" | "sampler" | "scheduler">;

function changeablePart(definition: StudyDefinition): ChangeablePart {
  const { space, constraints, maxSteps, sampler, scheduler } = definition;
  return ofFields<ChangeablePart>({
    space,
    constraints,
    maxSteps,
    sampler: withoutModule(sampler),
    scheduler: withoutModule(scheduler),
  });
}

/**
 * What must not change, or the study's earlier trials would mean something else: everything in a definition
 * but its name, by which it was found, where it was imported from, and what {@link StudyChanged} can change.
 */
function lastingPart(
  definition: StudyDefinition,
): Omit<StudyDefinition, "name" | "imported" | keyof StudyChanged> {
  const {
    name: _name,
    budget: _budget,
    program: _program,
    retries: _retries,
    timeout: _timeout,
    imported: _imported,
    space: _space,
    constraints: _constraints,
    maxSteps: _maxSteps,
    sampler: _sampler,
    scheduler: _scheduler,
    ...lasting
  } = definition;
  return {
    ...lasting,
    // Version 0.1.0 did not record it.
    goal: { ...lasting.goal, of: lasting.goal.of ?? "last" },
  };
}

/** The place that an algorithm is loaded from may change, if the algorithm is the same. */
function withoutModule({ module: _module, ...choice }: AlgorithmChoice): AlgorithmChoice {
  return choice;
}

/** JSON has no undefined, so a definition from the log lacks keys that a fresh one may have. */
function asRecorded(definition: StudyDefinition): StudyDefinition {
  const plain: StudyDefinition = JSON.parse(JSON.stringify(definition));
  return plain;
}

/** What the user agrees to change in an existing study. */
export interface AgreedChanges {
  /** Agree to a larger budget. */
  readonly extend?: boolean;
  /**
   * Agree to another space, other constraints, a larger `maxSteps`, another sampler or scheduler or other options of
   * theirs, and to a larger budget.
   */
  readonly change?: boolean;
  /** Agree to other code of the module from which the sampler or the scheduler is loaded. */
  readonly acceptChangedAlgorithm?: boolean;
  /** How the user agrees to a change, for hints; by default the command line's option. */
  readonly agreeBy?: string;
}

/**
 * Where an algorithm is loaded from now, if that is to be recorded. A program that creates its algorithms
 * itself does not say where they come from; the record then stays as it is.
 */
function changedModule(
  kind: "sampler" | "scheduler",
  recorded: AlgorithmChoice,
  now: AlgorithmChoice,
  study: string,
  agreed: boolean,
): AlgorithmModule | undefined {
  if (now.module === undefined || isDeepStrictEqual(recorded.module, now.module)) return undefined;
  if (recorded.module === undefined || recorded.module.digest === now.module.digest || agreed)
    return now.module;
  const difference = `  - ${moduleText(recorded.module)}\n  + ${moduleText(now.module)}`;
  throw new CurvewiseError(
    "ALGORITHM_CHANGED",
    `the code of the ${kind} ${now.name} has changed since study "${study}" was last run (- recorded, + now):\n${difference}`,
    {
      hint: "Undo the change, continue with the new code with --accept-changed-algorithm, or give the study a new name.",
    },
  );
}

function isAnyLimitSmaller(
  recorded: Budget,
  { trials, time, totalSteps, target, noBetterFor, worthwhile: _prices, ...others }: Budget,
  goal: Goal,
): boolean {
  nothingElse(others);
  const isEasier =
    target !== undefined && (recorded.target === undefined || isBetter(recorded.target, target, goal));
  const isSmaller = (now = Number.POSITIVE_INFINITY, before = Number.POSITIVE_INFINITY): boolean =>
    now < before;
  return (
    isSmaller(trials, recorded.trials) ||
    isSmaller(time, recorded.time) ||
    isSmaller(totalSteps, recorded.totalSteps) ||
    isSmaller(noBetterFor, recorded.noBetterFor) ||
    isEasier
  );
}

function refuseDifference(name: string, differences: readonly string[], hint: string): void {
  if (differences.length === 0) return;
  throw new CurvewiseError(
    "STUDY_CHANGED",
    `study "${name}" was started with a different definition (- recorded, + now):\n${differences.join("\n")}`,
    { hint },
  );
}

/** @throws CurvewiseError `STUDY_CHANGED` if the budget was reduced, or increased without the user's agreement */
function changedBudget(
  recorded: StudyDefinition,
  now: StudyDefinition,
  { extend, change }: AgreedChanges,
): Budget | undefined {
  if (isDeepStrictEqual(recorded.budget, now.budget)) return undefined;
  const shown = differencesOf("budget", recorded.budget, now.budget).join("\n");
  if (isAnyLimitSmaller(recorded.budget, now.budget, now.goal)) {
    throw new CurvewiseError(
      "STUDY_CHANGED",
      `the budget of study "${now.name}" cannot be reduced (- recorded, + now):\n${shown}`,
      { hint: "Keep the recorded budget; stop a run with Ctrl-C whenever you have seen enough." },
    );
  }
  if (extend !== true && change !== true) {
    throw new CurvewiseError(
      "STUDY_CHANGED",
      `the budget of study "${now.name}" was changed (- recorded, + now):\n${shown}`,
      { hint: "Run it with --extend to continue with the larger budget." },
    );
  }
  return now.budget;
}

/** What follows from the parts that a user can agree to change. */
type AgreedPart = Pick<StudyChanged, keyof ChangeablePart | "filled">;

/** @throws CurvewiseError `STUDY_CHANGED` */
function agreedPart(recorded: StudyDefinition, now: StudyDefinition, agreed: AgreedChanges): AgreedPart {
  const [before, after] = [changeablePart(recorded), changeablePart(now)];
  if (agreed.change !== true) {
    refuseDifference(
      now.name,
      differencesOf("", before, after),
      `Undo the change, agree to it with ${agreed.agreeBy ?? "--change"} (the earlier trials keep counting), or give the study a new name to begin a new one.`,
    );
    return {};
  }
  const isChanged = (key: keyof ChangeablePart): boolean =>
    differencesOf(key, before[key], after[key]).length > 0;
  checkMaxSteps(now.name, before.maxSteps, after.maxSteps, now.replicates);
  return ofFields<AgreedPart>({
    space: isChanged("space") ? now.space : undefined,
    constraints: isChanged("constraints") ? now.constraints : undefined,
    maxSteps: isChanged("maxSteps") ? now.maxSteps : undefined,
    sampler: isChanged("sampler") ? now.sampler : undefined,
    scheduler: isChanged("scheduler") ? now.scheduler : undefined,
    filled: isChanged("space") ? filledBy(now.name, before.space, after.space) : undefined,
  });
}

/**
 * What a study that is run again with another definition must record; undefined if nothing changed. Which trials may be
 * trained further is not part of it: see `reopenedBy`.
 *
 * @throws CurvewiseError `STUDY_CHANGED` if something that must not change was changed, a budget was reduced,
 *   or something else was changed without the user's agreement; `ALGORITHM_CHANGED` if the code of the sampler or
 *   scheduler changed without it. The message shows the difference.
 */
export function changesOf(
  recorded: StudyDefinition,
  requested: StudyDefinition,
  agreed: AgreedChanges = {},
): StudyChanged | undefined {
  const now = asRecorded(requested);
  const lasting = differencesOf("", lastingPart(recorded), lastingPart(now));
  const others =
    agreed.change === true ? [] : differencesOf("", changeablePart(recorded), changeablePart(now));
  refuseDifference(
    now.name,
    lasting.length === 0 ? [] : [...lasting, ...others],
    "Undo the change, or give the study a new name to begin a new one.",
  );
  const part = agreedPart(recorded, now, agreed);
  const budget = changedBudget(recorded, now, agreed);
  // Another sampler or scheduler is recorded with its module.
  const moduleOf = (kind: "sampler" | "scheduler") =>
    part[kind] === undefined
      ? changedModule(kind, recorded[kind], now[kind], now.name, agreed.acceptChangedAlgorithm === true)
      : undefined;
  const modules = ofFields<NonNullable<StudyChanged["modules"]>>({
    sampler: moduleOf("sampler"),
    scheduler: moduleOf("scheduler"),
  });
  const isProgramChanged = !isDeepStrictEqual(recorded.program, now.program);
  const { space, constraints, maxSteps, sampler, scheduler, filled } = part;
  const changes = ofFields<StudyChanged>({
    type: "study-changed",
    modules: Object.keys(modules).length === 0 ? undefined : modules,
    budget,
    program: isProgramChanged ? now.program : undefined,
    retries: recorded.retries === now.retries ? undefined : now.retries,
    timeout: recorded.timeout === now.timeout ? undefined : (now.timeout ?? null),
    space,
    constraints,
    maxSteps,
    sampler,
    scheduler,
    filled,
    reopened: undefined,
    by: undefined,
  });
  return Object.keys(changes).length > 1 ? changes : undefined;
}
