import { constants } from "node:fs";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { create, extract } from "tar";
import { failureOf } from "../core/failure.js";
import type { Assignment, StopSignal } from "../core/launcher.js";
import type { ProgramDefinition } from "../core/study-definition.js";
import { predefinedValues } from "./command-template.js";
import { toOne } from "./counted-from-zero.js";
import { firstStepOf } from "./metric-reader.js";
import { isOpen, seesOpenFiles } from "./open-files.js";
import { findMatches, isPattern, type Match, STEP_MARK } from "./path-pattern.js";
import { signalGroup } from "./process-group.js";
import { fillPieces, parsePieces, placeholderValues } from "./template-text.js";
import type { TrialTalk } from "./trial-talk.js";

/** How often it is looked whether the program has saved, in milliseconds: at first, and after a while. */
const POLL = { first: 25, later: 250 };
/**
 * Milliseconds without a change after which a model has been written to its end, where that cannot be told otherwise;
 * and during which a program may still save the model of a step that it has reported.
 */
const SETTLED = 1000;
/** Within so many milliseconds, what was printed may be read after a model that was saved later was written. */
const READ_LATE = 100;
/** The folder, in the trial's, for copies of models, which the program cannot change. */
const COPIES = "snapshots";
/** The end of the names of files that hold a packed folder. */
const FOLDER_SUFFIX = ".folder.tar";

/** The models that a program saves by itself, in one attempt. */
export interface OwnSnapshots {
  /** The attempt, with the path that the program resumes from. */
  readonly assignment: Assignment;
  /**
   * How many steps the model has from which the attempt goes on: more than those of its snapshot where the program
   * trained on until it had saved. Undefined at the beginning.
   */
  readonly after: number | undefined;
  /**
   * The program has reported a step, as the study counts.
   *
   * @param isKept whether the study records it; not after the program was told to pause
   */
  reported(step: number, isKept?: boolean): void;
  /**
   * Resolves once the program has saved the model of the last report and it was copied, at the latest after the study's
   * `wait`. The program's processes are then stopped (SIGSTOP), so that they do not train on.
   *
   * @param group of the program's processes
   */
  saved(group: number): Promise<void>;
  /** Copies the newest model that is written to its end, for a program that is about to be ended; it stops as above. */
  takeNow(group: number): Promise<void>;
  /**
   * Hands in a copy of the newest model. Call it when the program has ended and all that it printed was read. A program
   * that trained to its end before it could be paused has nothing to go on from: of its models only one whose name says
   * that it has fewer steps is handed in.
   *
   * @param cut whether a signal ended the program, perhaps while it was saving
   */
  handIn(talk: TrialTalk, cut: boolean): Promise<void>;
}

/** The name of a copy's folder: the attempt, the step of the snapshot, and how many steps the model has, if more. */
const copyName = (attempt: number, step: number, reached: number): string =>
  `attempt-${attempt}-step-${step}${reached > step ? `-of-${reached}` : ""}`;

/** How many steps the model of a snapshot has. */
function stepsBehind({ path, step }: { readonly path: string; readonly step: number }): number {
  const reached = /-of-(\d+)$/.exec(basename(dirname(path)))?.[1];
  return reached === undefined ? step : Number(reached);
}

/** Whether it can be told that a model is being written; a folder is saved in several files, one after the other. */
const isSeenOpen = ({ isFolder }: Match): boolean => !isFolder && seesOpenFiles();

/** What a program resumes from: its model where it looks for it, and unpacked if it was a folder. */
async function prepared(assignment: Assignment, pattern: string): Promise<Assignment> {
  const { resume, folder } = assignment;
  if (resume === undefined) return assignment;
  const { path } = resume;
  const isPacked = path.endsWith(FOLDER_SUFFIX);
  const isFixed = !isPattern(pattern);
  if (!isPacked && !isFixed) return assignment;
  const own = join(
    folder,
    "resumed-from",
    basename(path).slice(0, isPacked ? -FOLDER_SUFFIX.length : undefined),
  );
  const target = isFixed ? pattern : own;
  await rm(target, { recursive: true, force: true });
  await mkdir(isPacked ? target : dirname(target), { recursive: true });
  if (isPacked) await extract({ file: path, cwd: target });
  else await copyFile(path, target, constants.COPYFILE_FICLONE);
  return { ...assignment, resume: { ...resume, path: target } };
}

/**
 * Copies a model, a folder as one file.
 *
 * @param copies a folder that does not exist yet
 * @returns the copy's path
 */
async function copied({ path, isFolder }: Match, copies: string): Promise<string> {
  const target = join(copies, `${basename(path)}${isFolder ? FOLDER_SUFFIX : ""}`);
  try {
    await mkdir(copies, { recursive: true });
    if (isFolder) await create({ file: target, cwd: path, portable: true }, ["."]);
    else await copyFile(path, target, constants.COPYFILE_FICLONE);
    return target;
  } catch (thrown) {
    await rm(copies, { recursive: true, force: true });
    throw thrown;
  }
}

/**
 * Watches the models that a program saves by itself, so that it can be paused although it does not use the protocol.
 * Call it before the program starts.
 *
 * @returns undefined if the study names no such models, or by a param that this trial does not have
 */
export async function watchOwnSnapshots(
  program: Pick<ProgramDefinition, "snapshot" | "folder" | "firstStep" | "metrics">,
  given: Assignment,
  ended: StopSignal,
): Promise<OwnSnapshots | undefined> {
  const { snapshot } = program;
  if (snapshot === undefined) return undefined;
  const firstStep = firstStepOf(program.metrics, program.firstStep);
  const values = new Map([
    ...placeholderValues(given.params, predefinedValues(given)),
    ["step", STEP_MARK] as const,
  ]);
  const filled = fillPieces(parsePieces(snapshot.path, "snapshot.path", undefined), values);
  if (filled === undefined) return undefined;
  const pattern = resolve(program.folder, filled);
  const assignment = await prepared(given, pattern);
  const copies = join(given.folder, COPIES) + sep;
  const look = async (): Promise<Match[]> =>
    (await findMatches(pattern, { folders: true })).filter(({ path }) => !path.startsWith(copies));
  const before = new Map((await look()).map((match) => [match.path, match]));
  const isSame = (a: Match | undefined, b: Match | undefined): boolean =>
    a?.path === b?.path && a?.size === b?.size && a?.time === b?.time;
  /** What the program has saved in this attempt, the newest first. */
  const own = async (): Promise<Match[]> =>
    (await look())
      .filter((match) => !isSame(before.get(match.path), match))
      .sort((a, b) => (b.step ?? 0) - (a.step ?? 0) || b.time - a.time);

  interface Report {
    readonly step: number;
    readonly time: number;
  }
  const reports: Report[] = [];
  /** What was reported after the program had been told to pause. */
  const unkept: Report[] = [];
  /** The number in a model's name as the study counts; undefined if there is none. */
  const named = ({ step }: Match): number | undefined =>
    step === undefined || firstStep !== 0 ? step : toOne(step);
  /** Whether a model was saved after the last report, for certain. */
  const isSince = (match: Match): boolean =>
    named(match) !== undefined || match.time >= (reports.at(-1)?.time ?? Number.POSITIVE_INFINITY);
  /** Whether a model is that of the last report, or (for want of a better one) may be. */
  const isOfLastStep = (match: Match, isLate: boolean): boolean => {
    const step = named(match);
    const last = reports.at(-1);
    if (last === undefined) return false;
    if (step !== undefined) return step >= last.step;
    return match.time >= (isLate ? (reports.at(-2)?.time ?? 0) : last.time - READ_LATE);
  };
  /** The last step of some reports when a model was saved. */
  const lastBefore = (match: Match, among: readonly Report[]): number | undefined => {
    const step = named(match);
    return among.findLast((report) =>
      step === undefined ? report.time <= match.time + READ_LATE : report.step <= step,
    )?.step;
  };
  /** Whether a program that resumes from a model would train on. */
  const canGoOn = (match: Match): boolean => {
    const { maxSteps = Number.POSITIVE_INFINITY } = given;
    if ((unkept.at(-1)?.step ?? 0) < maxSteps) return true;
    return (named(match) ?? maxSteps) < maxSteps;
  };
  let copy: { readonly of: Match; readonly step: number; readonly path: string } | undefined;
  const take = async (match: Match): Promise<boolean> => {
    // The study knows of no later step than those that it has kept.
    const step = lastBefore(match, reports);
    if (step === undefined) return false;
    const reached = named(match) ?? lastBefore(match, unkept) ?? step;
    const name = copyName(given.attempt, step, reached);
    copy = { of: match, step, path: await copied(match, join(given.folder, COPIES, name)) };
    return true;
  };

  return {
    assignment,
    after: given.resume === undefined ? undefined : stepsBehind(given.resume),
    reported: (step, isKept = true) => {
      (isKept ? reports : unkept).push({ step, time: Date.now() });
    },
    saved: async (group) => {
      const began = performance.now();
      let seen: readonly Match[] = [];
      let since = began;
      for (;;) {
        const now = performance.now();
        if (ended.aborted || now - began >= 1000 * snapshot.wait) return;
        const isLate = now - began >= SETTLED;
        const found = (await own()).filter((match) => isOfLastStep(match, isLate));
        const [newest, older] = found;
        if (!isSame(seen[0], newest)) since = now;
        const isSettled = now - since >= SETTLED;
        // Of a program that saves again and again, the newest never settles; but it has left those before it.
        const isLeft =
          !isSettled && older !== undefined && isSince(older) && seen.some((each) => isSame(each, older));
        seen = found;
        const chosen = isLeft ? older : newest;
        if (chosen !== undefined && (isSettled || isLeft || isSeenOpen(chosen))) {
          signalGroup(group, "SIGSTOP");
          // It may have begun to write it again, or to delete it, before it was stopped.
          const still = (await own()).find(({ path }) => path === chosen.path);
          const isWhole =
            isSettled || isLeft ? isSame(still, chosen) : still !== undefined && !isOpen(group, still.path);
          if (isWhole && still !== undefined && (await take(still))) return;
          signalGroup(group, "SIGCONT");
        }
        await sleep(isLate ? POLL.later : POLL.first);
      }
    },
    takeNow: async (group) => {
      signalGroup(group, "SIGSTOP");
      const now = Date.now();
      for (const match of await own()) {
        const isWhole = now - match.time >= SETTLED || (isSeenOpen(match) && !isOpen(group, match.path));
        if (isWhole && (await take(match))) return;
      }
    },
    handIn: async (talk, cut) => {
      try {
        // One that was not cut may have saved once more.
        const newest = cut ? undefined : (await own()).find(canGoOn);
        if (newest !== undefined && !isSame(newest, copy?.of)) await take(newest);
        if (copy !== undefined && canGoOn(copy.of)) await talk.snapshot(copy.step, copy.path);
      } catch (thrown) {
        talk.note(failureOf(thrown, "SNAPSHOT_FAILED"));
      }
    },
  };
}
