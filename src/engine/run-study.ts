import { mkdir, rmdir } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname } from "node:path";
import { isCurvewiseError, messageOf } from "../core/errors.js";
import type { AttemptEnd, Launcher } from "../core/launcher.js";
import { hostTroubleOf } from "../system/index.js";
import { readStudy } from "./read-study.js";
import { openSession, type Session, type SessionOptions, type SessionResult } from "./session.js";
import { createWorkSlots, type SlotWork } from "./work-slots.js";

/** What {@link runStudy} needs. */
export interface RunStudyOptions extends Omit<SessionOptions, "reap" | "setWorkers"> {
  /** Runs the attempts, one per slot at a time; somebody may ask for more slots or fewer, unless it has none. */
  readonly launcher: Launcher;
  /**
   * For workers other than the launcher's: called with the open session, it serves them until nothing is left
   * to do. The launcher may then have no slots at all.
   */
  readonly serve?: (session: Session) => Promise<void>;
  /** The launcher's slots take trials once this resolves, or the study has ended before that. */
  readonly begin?: Promise<void>;
}

/** Serves other workers; an error there ends the session. */
async function serveOthers(session: Session, serve: RunStudyOptions["serve"]): Promise<void> {
  try {
    await serve?.(session);
  } catch (error) {
    session.breakDown(error);
  }
}

/** Makes a trial's folder, or says why the host cannot. */
export async function makeFolder(folder: string): Promise<AttemptEnd | undefined> {
  try {
    await mkdir(folder, { recursive: true });
    return undefined;
  } catch (error) {
    const hint = hostTroubleOf(error);
    const message = `the trial's folder cannot be made: ${messageOf(error)}`;
    if (hint === undefined) throw error;
    return { kind: "not-started", error: { code: "HOST_TROUBLE", message, hint } };
  }
}

/** Removes the folder of a training that left nothing in it: a study may have millions of trials. */
async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch(() => {});
  if (basename(folder).startsWith("replicate-")) await rmdir(dirname(folder)).catch(() => {});
}

async function workSlot(
  session: Session,
  launcher: Launcher,
  slot: number,
  begin: Promise<void> | undefined,
  terms: SlotWork,
): Promise<void> {
  try {
    if (begin !== undefined) await Promise.race([begin, session.coordinator.settled()]);
    while (terms.isWanted()) {
      const { name } = launcher;
      const place = { worker: `${name}-${slot}`, process: name, host: hostname() };
      const parked = () => launcher.parked?.(session.study.definition.name) ?? [];
      const unwanted = terms.untilUnwanted();
      const work = await session.coordinator.ask(place, unwanted, parked);
      if (work === undefined) {
        if (unwanted.aborted) continue;
        return;
      }
      const { assignment, channel } = work;
      const end =
        (await makeFolder(assignment.folder)) ??
        (await launcher.run(assignment, channel, slot, session.killed));
      // Before the end is recorded, since the next attempt may need the folder at once.
      await removeIfEmpty(work.assignment.folder);
      await session.coordinator.end(work, end);
    }
  } catch (error) {
    session.breakDown(error);
  }
}

/**
 * Runs a study until its budget is used up, its sampler has nothing more, or it is interrupted. Begins it if
 * it is not in the storage, and continues it otherwise. The launcher and the storage stay open.
 *
 * @throws CurvewiseError `STUDY_CHANGED`, `ALGORITHM_CHANGED`, `STUDY_OWNED`, `TRIALS_FAILING` and those of
 *   the storage, the sampler and the scheduler. Everything recorded before stays.
 */
export async function runStudy(options: RunStudyOptions): Promise<SessionResult> {
  const { launcher, serve, begin, ...sessionOptions } = options;
  let session: Session;
  let workers = launcher.slots;
  let setWorkers = (count: number): void => {
    workers = count;
  };
  try {
    session = await openSession({
      ...sessionOptions,
      reap: launcher.reap?.bind(launcher),
      setWorkers: launcher.slots === 0 ? undefined : (count) => setWorkers(count),
    });
  } catch (error) {
    if (!isCurvewiseError(error) || error.code !== "STANDBY_INTERRUPTED") throw error;
    const study = await readStudy(options.storage, options.definition.name);
    return { study, ended: "interrupted", exhausted: false };
  }
  const { interrupted, killed } = session;
  const { name } = options.definition;
  const unpark = async (): Promise<void> => launcher.unpark?.(name, undefined, killed.aborted);
  const onEnd = (): void => void unpark();
  for (const signal of [interrupted, killed]) signal.addEventListener("abort", onEnd, { once: true });
  const slots = createWorkSlots((slot, terms) => workSlot(session, launcher, slot, begin, terms));
  setWorkers = slots.set;
  slots.set(workers);
  await Promise.all([slots.ended(), serveOthers(session, serve)]);
  await unpark();
  for (const signal of [interrupted, killed]) signal.removeEventListener("abort", onEnd);
  return session.close();
}
