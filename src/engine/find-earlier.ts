import { keyOf } from "../core/candidates/params-key.js";
import { completeParams } from "../core/draw/sample-params.js";
import { CurvewiseError, isCurvewiseError } from "../core/errors.js";
import type { CurvesTransferred, Note } from "../core/events.js";
import { costOf, type Goal } from "../core/goal.js";
import { isPlainGoal } from "../core/goals/trial-result.js";
import type { Params } from "../core/param.js";
import type { SamplerChoice } from "../core/sampler.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import { contains, type SearchSpace } from "../core/search-space.js";
import type { Storage } from "../core/storage.js";
import type { Study, TransferredStudy, TransferredTrial } from "../core/study.js";
import { type StudyDefinition } from "../core/study-definition.js";
import type { TransferRequest } from "../core/transfer-request.js";
import { decodeTransferred } from "../core/transferred-study.js";
import { createRandom, PURPOSE } from "../math/random.js";
import { type EarlierTable, isTableName, readEarlierTable } from "./earlier-table.js";
import { readStudy } from "./read-study.js";
import { isAlike, mayBeAlike } from "./transfer.js";

/** How many earlier studies `auto` takes, the newest ones. */
const MOST_STUDIES = 10;
/** How many of the best earlier params are tried first, unless the user says. */
const FIRST = 3;
/** Samplers whose trials are given from the beginning. */
const FIXED: ReadonlySet<string> = new Set(["grid", "list"]);

/** The algorithms of a study, and what it begins with. */
export interface Prepared {
  readonly definition: StudyDefinition;
  readonly sampler: SamplerChoice;
  readonly scheduler: SchedulerChoice;
  /** Studies of the storage to take over. */
  readonly studies: readonly string[];
  readonly tables: readonly EarlierTable[];
}

/** What {@link prepareTransfer} needs. */
export interface TransferChoices {
  readonly storage: Storage;
  readonly definition: StudyDefinition;
  readonly space: SearchSpace;
  readonly sampler: SamplerChoice;
  readonly scheduler: SchedulerChoice;
  readonly transfer?: TransferRequest;
}

/** Whether the options of an algorithm, or of one within it, have `transfer: auto`. */
const asksAuto = ({ options }: SamplerChoice | SchedulerChoice): boolean =>
  JSON.stringify(options).includes('"transfer":"auto"');

/** Whether a study is to take over anything that has to be found first. */
export const wantsTransfer = ({
  transfer,
  sampler,
  scheduler,
}: Pick<TransferChoices, "sampler" | "scheduler"> & {
  readonly transfer?: TransferRequest | undefined;
}): boolean => transfer !== undefined || asksAuto(sampler) || asksAuto(scheduler);

async function definitionOf(storage: Storage, name: string): Promise<StudyDefinition | undefined> {
  for await (const { event } of storage.readEvents(name)) {
    return event.type === "study-created" ? event.definition : undefined;
  }
  return undefined;
}

/** The newest studies of a storage that are like a new one, in the order in which they were created. */
async function alikeStudies(storage: Storage, definition: StudyDefinition): Promise<string[]> {
  const all = await storage.listStudies(Date.now());
  const found: string[] = [];
  for (const { name } of all.toReversed()) {
    if (found.length === MOST_STUDIES) break;
    if (name === definition.name) continue;
    const begun = await definitionOf(storage, name);
    if (begun === undefined || !mayBeAlike(begun, definition)) continue;
    const study = await readStudy(storage, name);
    const { metric } = definition.goal;
    const hasCurves = study.trials.some(
      ({ inheritances, curve }) =>
        inheritances.length === 0 && curve.metrics.get(metric)?.some(Number.isFinite) === true,
    );
    if (hasCurves && isAlike(study.definition, definition)) found.push(name);
  }
  return found.toReversed();
}

/** An algorithm that learns from given studies, if it can and names none itself. */
function filled<Choice extends { transferring?: ((studies: readonly string[]) => Choice) | undefined }>(
  choice: Choice,
  studies: readonly string[],
): Choice {
  return choice.transferring?.(studies) ?? choice;
}

/** What an algorithm learnt from when the study began: its own list, or all that was transferred. */
function recordedNames(
  choice: SamplerChoice | SchedulerChoice,
  recorded: StudyDefinition["sampler"],
  { transferred }: Study,
): readonly string[] {
  const own = recorded.name === choice.name ? recorded.options["transfer"] : undefined;
  if (!Array.isArray(own)) return transferred.map(({ name }) => name);
  return own.filter((name) => typeof name === "string");
}

/**
 * Refuses goals for which nothing can be learned from earlier studies.
 *
 * @throws CurvewiseError `GOALS_UNSUPPORTED`
 */
function checkTransferGoal({ goal }: Pick<StudyDefinition, "goal">): void {
  if (isPlainGoal(goal)) return;
  throw new CurvewiseError(
    "GOALS_UNSUPPORTED",
    "`transfer` is for studies with one goal and without constraints on metrics",
    { hint: "Leave it out; what earlier studies recorded is compared by one metric." },
  );
}

/**
 * Reads the tables that a new study is to begin with.
 *
 * @throws CurvewiseError `GOALS_UNSUPPORTED`, and those of `readEarlierTable`
 */
export async function readTables({
  definition,
  space,
  transfer,
}: Pick<TransferChoices, "definition" | "space" | "transfer">): Promise<readonly EarlierTable[]> {
  if (transfer === undefined) return [];
  checkTransferGoal(definition);
  const { from, folder, columns = {} } = transfer;
  const read: EarlierTable[] = [];
  for (const name of from === "auto" ? [] : from.filter(isTableName))
    read.push(await readEarlierTable(name, folder, { definition, space, columns }));
  return read;
}

/**
 * Finds the earlier studies and tables that a new study is to begin with, and lets its algorithms learn from them: those
 * that have an option `transfer` and name no studies themselves. For a study that has begun, they are those that it
 * began with.
 *
 * @param present the study, if it has begun
 * @throws CurvewiseError `GOALS_UNSUPPORTED`, and those of `readEarlierTable`
 */
export async function prepareTransfer(
  { storage, definition, space, sampler, scheduler, transfer }: TransferChoices,
  present: Study | undefined,
): Promise<Prepared> {
  const plain = { definition, sampler, scheduler, studies: [], tables: [] };
  if (!wantsTransfer({ transfer, sampler, scheduler })) return plain;
  checkTransferGoal(definition);
  const wanted = (choice: SamplerChoice | SchedulerChoice): boolean =>
    transfer !== undefined || asksAuto(choice);
  const adopted = (ofSampler: readonly string[], ofScheduler: readonly string[]) => {
    const chosen = {
      sampler: wanted(sampler) ? filled(sampler, ofSampler) : sampler,
      scheduler: wanted(scheduler) ? filled(scheduler, ofScheduler) : scheduler,
    };
    return {
      ...chosen,
      definition: {
        ...definition,
        sampler: { ...definition.sampler, options: chosen.sampler.options },
        scheduler: { ...definition.scheduler, options: chosen.scheduler.options },
      },
    };
  };
  if (present !== undefined) {
    const recorded = present.definition;
    const names = [
      recordedNames(sampler, recorded.sampler, present),
      recordedNames(scheduler, recorded.scheduler, present),
    ] as const;
    return { ...plain, ...adopted(...names) };
  }
  const from = transfer?.from ?? "auto";
  const studies =
    from === "auto" ? await alikeStudies(storage, definition) : from.filter((name) => !isTableName(name));
  const tables = await readTables({ definition, space, ...(transfer === undefined ? {} : { transfer }) });
  const names = from === "auto" ? studies : from;
  return { ...adopted(names, names), studies, tables };
}

/** What could not be used of tables, for the log. */
export const notesOf = ({ tables }: Prepared): Note[] =>
  tables.flatMap(({ notes }) =>
    notes.map((message): Note => ({ type: "note", code: "TRANSFER_SKIPPED", message })),
  );

/** What an earlier trial came to, as a cost; undefined if it reported nothing finite. */
function costOfTrial({ curve }: TransferredTrial, goal: Goal): number | undefined {
  const column = curve.metrics.get(goal.metric) ?? [];
  const costs = column
    .map((value) => costOf(value ?? Number.NaN, goal))
    .filter((cost) => cost < Number.POSITIVE_INFINITY);
  if (costs.length === 0) return undefined;
  return goal.of === "last" ? costs.at(-1) : Math.min(...costs);
}

/** The params of a study's trials, best first; those that were trained to the end before all others. */
function bestFirst({ trials }: TransferredStudy, goal: Goal): Params[] {
  return trials
    .flatMap((trial) => {
      const cost = costOfTrial(trial, goal);
      const rank = trial.state === "complete" ? 0 : 1;
      return cost === undefined ? [] : [{ params: trial.params, cost, rank }];
    })
    .toSorted((a, b) => a.rank - b.rank || a.cost - b.cost)
    .map(({ params }) => params);
}

/** The same params in a space: undefined if a value lies outside of it, or the rest cannot be drawn to go with them. */
function fitted(space: SearchSpace, params: Params, seed: number, trial: number): Params | undefined {
  const given = Object.entries(params).filter(([name]) => Object.hasOwn(space.params, name));
  const fits = given.every(([name, value]) => {
    const param = space.params[name];
    return param !== undefined && (param.kind === "fixed" || contains(param, value));
  });
  if (!fits) return undefined;
  const searched = given.filter(([name]) => space.params[name]?.kind !== "fixed");
  try {
    const random = createRandom(seed, trial, PURPOSE.params);
    return completeParams(space, Object.fromEntries(searched), random, trial);
  } catch (error) {
    if (isCurvewiseError(error)) return undefined;
    throw error;
  }
}

/**
 * The best params of earlier studies, in turn the best of each, then the second and so on; each once, and only such as
 * the space has.
 *
 * @param known params that are tried anyway
 */
export function firstOfEarlier(
  transfers: readonly CurvesTransferred[],
  { definition, space, transfer }: Pick<TransferChoices, "definition" | "space" | "transfer">,
  known: readonly Params[],
): Params[] {
  const { goal, seed, budget } = definition;
  if (FIXED.has(definition.sampler.name)) return [];
  const count = Math.min(
    transfer?.first ?? FIRST,
    (budget.trials ?? Number.POSITIVE_INFINITY) - known.length,
  );
  const ranked = transfers.map((each) => bestFirst(decodeTransferred(each), goal));
  const keys = new Set(known.map(keyOf));
  const chosen: Params[] = [];
  const longest = Math.max(0, ...ranked.map(({ length }) => length));
  for (let place = 0; place < longest; place++) {
    for (const params of ranked.map((each) => each[place])) {
      if (chosen.length >= count) return chosen;
      const own = params && fitted(space, params, seed, known.length + chosen.length);
      if (own === undefined || keys.has(keyOf(own))) continue;
      keys.add(keyOf(own));
      chosen.push(own);
    }
  }
  return chosen;
}
