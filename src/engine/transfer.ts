import { CurvewiseError } from "../core/errors.js";
import type { CurvesTransferred } from "../core/events.js";
import type { Goal } from "../core/goal.js";
import { isPlainGoal } from "../core/goals/trial-result.js";
import { nameHint } from "../core/nearest.js";
import type { Sampler } from "../core/sampler.js";
import type { Scheduler } from "../core/scheduler.js";
import type { Storage } from "../core/storage.js";
import type { Study, TransferredStudy } from "../core/study.js";
import type { StudyDefinition } from "../core/study-definition.js";
import { allWishes, encodeTransferred, transferredStudy } from "../core/transferred-study.js";
import { readStudy } from "./read-study.js";

/** The algorithms that may want the curves of earlier studies. */
export interface TransferringAlgorithms {
  readonly sampler?: Pick<Sampler, "transfer">;
  readonly scheduler: Pick<Scheduler, "transfer">;
}

/** What a study takes over besides what its algorithms want. */
export interface FurtherTransfers {
  readonly studies?: readonly string[];
  readonly tables?: readonly { readonly study: TransferredStudy }[];
}

function misfit(message: string, hint: string): never {
  throw new CurvewiseError("TRANSFER_MISFIT", message, { hint });
}

const goalText = ({ metric, direction }: Goal): string => `${direction} ${metric}`;

function checkGoal(earlier: StudyDefinition, { name, goal }: StudyDefinition): void {
  if (earlier.goal.metric === goal.metric && earlier.goal.direction === goal.direction) return;
  misfit(
    `the curves of study "${earlier.name}" (${goalText(earlier.goal)}) do not have the goal of study "${name}" (${goalText(goal)})`,
    "Transfer from studies with the same metric and direction.",
  );
}

/** The params of a study's space that an earlier one has not, or of another kind. */
const strangeParams = (earlier: StudyDefinition, { space }: StudyDefinition): string[] =>
  Object.entries(space).flatMap(([param, { kind }]) => {
    const theirs = earlier.space[param]?.kind;
    const fits = kind === "fixed" || theirs === kind || theirs === "fixed";
    return fits ? [] : [theirs === undefined ? param : `${param} (${theirs} there, ${kind} here)`];
  });

/**
 * Whether an earlier study is so much like another one that it can be taken over unseen: the same goal, trainings as long,
 * and the same params, of the same kinds. Ranges may differ, and params may have been fixed.
 */
export function isAlike(earlier: StudyDefinition, definition: StudyDefinition): boolean {
  const { goal, space, maxSteps } = definition;
  const isSearched = (name: string): boolean => earlier.space[name]?.kind !== "fixed";
  return (
    isPlainGoal(earlier.goal) &&
    earlier.goal.metric === goal.metric &&
    earlier.goal.direction === goal.direction &&
    earlier.maxSteps === maxSteps &&
    strangeParams(earlier, definition).length === 0 &&
    Object.keys(earlier.space).every((name) => Object.hasOwn(space, name) || !isSearched(name))
  );
}

/**
 * Whether a study that began like this can have become like another one by changes: these leave the goal as it is, and
 * raise `maxSteps` at most.
 */
export function mayBeAlike(begun: StudyDefinition, { goal, maxSteps }: StudyDefinition): boolean {
  const isShorter = begun.maxSteps !== undefined && maxSteps !== undefined && begun.maxSteps < maxSteps;
  return (
    isPlainGoal(begun.goal) &&
    begun.goal.metric === goal.metric &&
    begun.goal.direction === goal.direction &&
    (begun.maxSteps === maxSteps || isShorter)
  );
}

/** A sampler learns from params, so there must be a value for each one that it chooses. */
function checkSpace(earlier: StudyDefinition, definition: StudyDefinition): void {
  const { name } = definition;
  const strange = strangeParams(earlier, definition);
  if (strange.length === 0) return;
  misfit(
    `the search space of study "${earlier.name}" lacks params of study "${name}": ${strange.join(", ")}`,
    "A sampler learns from studies that have its params, of the same kinds; ranges may differ.",
  );
}

async function readEarlier(
  storage: Storage,
  name: string,
  definition: StudyDefinition,
  metrics: readonly string[],
  forSampler: boolean,
): Promise<CurvesTransferred> {
  if (name === definition.name) {
    misfit(`study "${name}" cannot take over its own curves`, "Name earlier studies.");
  }
  const study = await readStudy(storage, name);
  checkGoal(study.definition, definition);
  if (forSampler) checkSpace(study.definition, definition);
  const transferred = transferredStudy(study, definition.goal.metric, metrics);
  if (transferred.trials.length > 0) return encodeTransferred(transferred);
  throw new CurvewiseError(
    "TRANSFER_EMPTY",
    `study "${name}" has no learning curve of ${definition.goal.metric} to take over`,
    { hint: `Run it first, or remove it from \`transfer\`.` },
  );
}

async function checkNames(storage: Storage, names: readonly string[]): Promise<void> {
  const known = (await storage.listStudies(Date.now())).map(({ name }) => name);
  const missing = names.find((name) => !known.includes(name));
  if (missing === undefined) return;
  throw new CurvewiseError(
    "STUDY_NOT_FOUND",
    `there is no study "${missing}" in ${storage.location} whose curves could be transferred`,
    {
      hint:
        known.length === 0
          ? "The database has no studies yet: run the earlier study there first, give the database that has it, or remove it from `transfer`."
          : nameHint(missing, known),
    },
  );
}

/**
 * Reads the curves that a study's sampler and scheduler want from earlier studies and that the study does not
 * have yet. They are to be recorded at the study's beginning, so that it depends on nothing else from then
 * on.
 *
 * @param present what the study has; absent if it does not exist yet
 * @param further what it is to have although no algorithm wants it, and what was read from files
 * @throws CurvewiseError `STUDY_NOT_FOUND` if one is not in the storage; `TRANSFER_MISFIT` if its goal
 *   differs, or the sampler cannot learn from its space; `TRANSFER_EMPTY` if it has no curves
 */
export async function readTransfers(
  storage: Storage,
  definition: StudyDefinition,
  { sampler, scheduler }: TransferringAlgorithms,
  present: Pick<Study, "transferred"> = { transferred: [] },
  { studies: further = [], tables = [] }: FurtherTransfers = {},
): Promise<CurvesTransferred[]> {
  const { studies = [], metrics = [] } = allWishes([scheduler.transfer, sampler?.transfer]) ?? {};
  const has = new Set(present.transferred.map(({ name }) => name));
  const read = new Map(tables.map(({ study }) => [study.name, study]));
  const names = [...new Set([...studies, ...further, ...read.keys()])].filter((name) => !has.has(name));
  if (names.length === 0) return [];
  await checkNames(
    storage,
    names.filter((name) => !read.has(name)),
  );
  const transfers: CurvesTransferred[] = [];
  for (const name of names) {
    const table = read.get(name);
    if (table !== undefined) {
      transfers.push(encodeTransferred(table));
      continue;
    }
    const forSampler = sampler?.transfer?.studies.includes(name) === true;
    transfers.push(await readEarlier(storage, name, definition, metrics, forSampler));
  }
  return transfers;
}
