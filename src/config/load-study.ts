import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { CurvewiseError, messageOf } from "../core/errors.js";
import { ofFields } from "../core/fields.js";
import type { Goal } from "../core/goal.js";
import type { Params } from "../core/param.js";
import type { SamplerChoice } from "../core/sampler.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import type { SearchSpace } from "../core/search-space.js";
import { recordedChoice, type StudyDefinition } from "../core/study-definition.js";
import type { TransferRequest } from "../core/transfer-request.js";
import { checkBudget, readBudget } from "./budget-section.js";
import { secondsOf } from "./duration.js";
import { goalAdvice, missingGoal, paramConstraints, readGoal } from "./goal-section.js";
import { problemsOfIssues } from "./issue-problems.js";
import { keysAt, studyJsonSchema } from "./json-schema.js";
import { type LauncherPlan, launcherPlan } from "./launcher-section.js";
import {
  type AvailableAlgorithms,
  algorithmsOfStudy,
  builtInAlgorithms,
  chosenOf,
  optionsAdvice,
  withAbsentPackages,
} from "./outside-algorithms.js";
import { configError } from "./problems.js";
import { checkProgram, type ProgramChecks, readProgram } from "./program-section.js";
import { checkEnqueued, readSpace } from "./space-section.js";
import { type StudyInput, studySchema } from "./study-schema.js";
import { type TrackerPlan, trackerPlans } from "./trackers-section.js";
import { transferOf } from "./transfer-section.js";
import { type Problem, readYaml, type YamlSource } from "./yaml-source.js";

/** A study as `study.yaml` describes it, checked and ready to run. */
export interface StudyPlan {
  readonly definition: StudyDefinition;
  readonly space: SearchSpace;
  readonly sampler: SamplerChoice;
  readonly scheduler: SchedulerChoice;
  /** How many trainings at the same time; undefined: as many as the machine can. */
  readonly workers: number | undefined;
  /** Where the workers run. */
  readonly launcher: LauncherPlan;
  /** Params that are tried before the sampler's, complete or partial. */
  readonly enqueue: readonly Params[];
  /** What the study begins with of earlier ones. */
  readonly transfer?: TransferRequest;
  /** Where other tools show it while it runs. */
  readonly trackers: readonly TrackerPlan[];
}

/** Where a study's file is: its name for messages, and the absolute folder against which its paths are resolved. */
interface StudyPlace {
  readonly file: string;
  readonly folder: string;
}

/**
 * Reads and checks a file such as `study.yaml`, and loads the sampler and the scheduler that it names, if they are not
 * built in: packages are looked for from the file's folder, then from the working folder.
 *
 * @param file its path; errors show it as given
 * @param checks the launcher's checks of the program
 * @throws CurvewiseError `CONFIG_NOT_FOUND`; `CONFIG_INVALID` with everything that is wrong, each with line
 * and column
 */
export async function loadStudy(file: string, checks: ProgramChecks = {}): Promise<StudyPlan> {
  const place: StudyPlace = { file, folder: dirname(resolve(file)) };
  const source = readYaml(await readConfig(file));
  const problems: Problem[] = [];
  const algorithms = await algorithmsOfStudy(source, [place.folder, process.cwd()], problems);
  if (problems.length > 0) throw configError(file, problems);
  return readPlan(source, place, checks, algorithms);
}

async function readConfig(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    throw new CurvewiseError(
      "CONFIG_NOT_FOUND",
      missing ? `there is no file ${file}` : `${file} cannot be read: ${messageOf(cause)}`,
      {
        hint: missing ? "`curvewise init` writes a study.yaml to start from." : "Give the path of a file.",
        cause,
      },
    );
  }
}

/**
 * Checks the text of a `study.yaml` whose sampler and scheduler are built in.
 *
 * @throws CurvewiseError `CONFIG_INVALID` with everything that is wrong
 */
export function parseStudy(text: string, place: StudyPlace, checks: ProgramChecks = {}): StudyPlan {
  return readPlan(readYaml(text), place, checks, builtInAlgorithms());
}

function readPlan(
  source: YamlSource,
  place: StudyPlace,
  checks: ProgramChecks,
  algorithms: AvailableAlgorithms,
): StudyPlan {
  if (source.problems.length > 0) throw configError(place.file, source.problems);
  if (typeof source.value !== "object" || source.value === null || Array.isArray(source.value)) {
    throw configError(place.file, [
      {
        position: { line: 1, column: 1 },
        message:
          source.value === null ? "the file is empty" : "the file must be a mapping with the key `study`",
        hint: "`curvewise init` writes a study.yaml to start from.",
      },
    ]);
  }
  const parsed = studySchema(algorithms).safeParse(source.value);
  const missing = missingGoal(source);
  const problems: Problem[] = missing === undefined ? [] : [missing];
  if (!parsed.success) {
    const schema = studyJsonSchema();
    const others = problemsOfIssues(
      parsed.error.issues,
      source,
      (path) => keysAt(schema, path),
      (path, value) => optionsAdvice(algorithms, path) ?? goalAdvice(path, value),
    );
    throw configError(place.file, [...problems, ...withAbsentPackages(others, algorithms)]);
  }
  const input = parsed.data;
  const space = readSpace(input.space, paramConstraints(input.constraints), source, problems);
  problems.push(...checkBudget(input.budget, source));
  const goal = readGoal(input, space?.params, source, problems);
  if (space !== undefined) checkEnqueued(input.enqueue, space, input.seed, source, problems);
  const program = readProgram(input, place.folder, source, problems);
  if (problems.length === 0 && space !== undefined && program !== undefined) {
    checkProgram(program, space.params, checks, source, problems);
  }
  const sampler = chosenOf(algorithms.sampler, input.sampler);
  const scheduler = chosenOf(algorithms.scheduler, input.scheduler);
  for (const [kind, choice] of Object.entries({ sampler, scheduler })) {
    if (choice !== undefined) continue;
    problems.push({
      position: source.valueAt([kind]),
      message: `\`${kind}\` is a module, which can only be loaded when the study is read from a file`,
    });
  }
  if (
    problems.length > 0 ||
    space === undefined ||
    goal === undefined ||
    sampler === undefined ||
    scheduler === undefined
  ) {
    throw configError(place.file, problems);
  }
  const definition: StudyDefinition = {
    ...definitionOf(input, goal, space, sampler, scheduler),
    ...(program === undefined ? {} : { program }),
  };
  return {
    definition,
    space,
    sampler,
    scheduler,
    workers: input.workers,
    launcher: launcherPlan(input.launcher),
    enqueue: input.enqueue,
    ...(input.transfer === undefined ? {} : { transfer: transferOf(input.transfer, place.folder) }),
    trackers: trackerPlans(input.trackers, place.folder),
  };
}

function definitionOf(
  input: StudyInput,
  goal: Goal,
  space: SearchSpace,
  sampler: SamplerChoice,
  scheduler: SchedulerChoice,
): Omit<StudyDefinition, "program" | "imported"> {
  const { study, maxSteps, seed, replicates, countStarts, retries, timeout } = input;
  return ofFields<Omit<StudyDefinition, "program" | "imported">>({
    name: study,
    goal,
    space: space.params,
    constraints: space.constraints.map(({ name }) => name),
    maxSteps,
    sampler: recordedChoice(sampler),
    scheduler: recordedChoice(scheduler),
    budget: readBudget(input.budget),
    seed,
    replicates: replicates === 1 ? undefined : replicates,
    countStarts: countStarts ? true : undefined,
    retries,
    timeout: timeout === undefined ? undefined : secondsOf(timeout),
  });
}
