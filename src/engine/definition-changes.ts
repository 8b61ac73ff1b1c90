import { isDeepStrictEqual } from "node:util";
import { CurvewiseError } from "../core/errors.js";
import type { StudyChanged } from "../core/events.js";
import {
  type AlgorithmChoice,
  type AlgorithmModule,
  type Budget,
  moduleText,
  type StudyDefinition,
} from "../core/study-definition.js";

/** What must stay as it was, or the study's earlier trials would mean something else. */
const LASTING = ["goal", "space", "constraints", "maxSteps", "sampler", "scheduler", "seed"] as const;

function differencesOf(path: string, recorded: unknown, now: unknown): string[] {
  if (isDeepStrictEqual(recorded, now)) return [];
  if (isPlainObject(recorded) && isPlainObject(now)) {
    const keys = [...new Set([...Object.keys(recorded), ...Object.keys(now)])];
    return keys.flatMap((key) => differencesOf(`${path}.${key}`, recorded[key], now[key]));
  }
  const show = (sign: string, value: unknown): string[] =>
    value === undefined ? [] : [`  ${sign} ${path}: ${JSON.stringify(value)}`];
  return [...show("-", recorded), ...show("+", now)];
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON has no undefined, so a definition that went through the log lacks keys that a fresh one may have. */
function asRecorded(definition: StudyDefinition): StudyDefinition {
  const plain: StudyDefinition = JSON.parse(JSON.stringify(definition));
  return plain;
}

/** The part of a definition that must stay: where an algorithm is loaded from may change, if it is the same one. */
function lasting(definition: StudyDefinition, key: (typeof LASTING)[number]): unknown {
  if (key !== "sampler" && key !== "scheduler") return definition[key];
  const { name, options } = definition[key];
  return { name, options };
}

/** What the user agrees to change in a study that exists. */
export interface AgreedChanges {
  /** Agree to a larger budget. */
  readonly extend?: boolean;
  /** Agree to other code of the module from which the sampler or the scheduler is loaded. */
  readonly acceptChangedAlgorithm?: boolean;
}

/**
 * Where an algorithm is loaded from now, if that is to be recorded. A program that makes its algorithms by itself does
 * not say where they come from; then what is recorded stays.
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
      hint: "Undo the change, go on with the new code by --accept-changed-algorithm, or give the study a new name.",
    },
  );
}

const LIMITS = ["trials", "time", "totalSteps"] as const;

function smallerLimits(recorded: Budget, now: Budget): string[] {
  return LIMITS.filter(
    (limit) => (now[limit] ?? Number.POSITIVE_INFINITY) < (recorded[limit] ?? Number.POSITIVE_INFINITY),
  );
}

/**
 * What a study that is run again with another definition must record; undefined when nothing changed.
 *
 * @throws CurvewiseError `STUDY_CHANGED` when what must last was changed, a budget was made smaller, or made larger
 *   without the user's agreement; `ALGORITHM_CHANGED` when the code of the sampler or the scheduler was, without it.
 *   The message shows the difference.
 */
export function changesOf(
  recorded: StudyDefinition,
  requested: StudyDefinition,
  agreed: AgreedChanges = {},
): StudyChanged | undefined {
  const now = asRecorded(requested);
  const differences = LASTING.flatMap((key) => differencesOf(key, lasting(recorded, key), lasting(now, key)));
  if (differences.length > 0) {
    throw new CurvewiseError(
      "STUDY_CHANGED",
      `study "${now.name}" was begun differently (- recorded, + now):\n${differences.join("\n")}`,
      { hint: "Undo the change, or give the study a new name to begin a new one." },
    );
  }
  const budgetChanged = !isDeepStrictEqual(recorded.budget, now.budget);
  if (budgetChanged) {
    const shown = differencesOf("budget", recorded.budget, now.budget).join("\n");
    const smaller = smallerLimits(recorded.budget, now.budget);
    if (smaller.length > 0) {
      throw new CurvewiseError(
        "STUDY_CHANGED",
        `the budget of study "${now.name}" cannot be made smaller (- recorded, + now):\n${shown}`,
        { hint: "Keep the recorded budget; stop a run with Ctrl-C whenever you have seen enough." },
      );
    }
    if (agreed.extend !== true) {
      throw new CurvewiseError(
        "STUDY_CHANGED",
        `the budget of study "${now.name}" was changed (- recorded, + now):\n${shown}`,
        { hint: "Run it with --extend to go on with the larger budget." },
      );
    }
  }
  const moduleOf = (kind: "sampler" | "scheduler") =>
    changedModule(kind, recorded[kind], now[kind], now.name, agreed.acceptChangedAlgorithm === true);
  const [sampler, scheduler] = [moduleOf("sampler"), moduleOf("scheduler")];
  const modules = {
    ...(sampler === undefined ? {} : { sampler }),
    ...(scheduler === undefined ? {} : { scheduler }),
  };
  const changes: StudyChanged = {
    type: "study-changed",
    ...(Object.keys(modules).length === 0 ? {} : { modules }),
    ...(budgetChanged ? { budget: now.budget } : {}),
    ...(now.program !== undefined && !isDeepStrictEqual(recorded.program, now.program)
      ? { program: now.program }
      : {}),
    ...(recorded.retries === now.retries ? {} : { retries: now.retries }),
    ...(recorded.timeout === now.timeout ? {} : { timeout: now.timeout ?? null }),
  };
  return Object.keys(changes).length > 1 ? changes : undefined;
}
