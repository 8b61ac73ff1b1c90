import { mkdir, rmdir } from "node:fs/promises";
import { isCurvewiseError } from "../core/errors.js";
import type { Launcher } from "../core/launcher.js";
import { readStudy } from "./read-study.js";
import { openSession, type Session, type SessionOptions, type SessionResult } from "./session.js";

/** What {@link runStudy} needs. */
export interface RunStudyOptions extends Omit<SessionOptions, "reap"> {
  /** Runs the attempts, one per slot at a time. */
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

/** Removes the folder of a training that left nothing in it: a study may have millions of trials. */
async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch(() => {});
}

async function workSlot(
  session: Session,
  launcher: Launcher,
  slot: number,
  begin: Promise<void> | undefined,
): Promise<void> {
  try {
    if (begin !== undefined) await Promise.race([begin, session.coordinator.settled()]);
    for (;;) {
      const work = await session.coordinator.ask(`${launcher.name}-${slot}`);
      if (work === undefined) return;
      await mkdir(work.assignment.folder, { recursive: true });
      const end = await launcher.run(work.assignment, work.channel, slot, session.killed);
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
  try {
    session = await openSession({ ...sessionOptions, reap: launcher.reap?.bind(launcher) });
  } catch (error) {
    if (!isCurvewiseError(error) || error.code !== "STANDBY_INTERRUPTED") throw error;
    const study = await readStudy(options.storage, options.definition.name);
    return { study, ended: "interrupted", exhausted: false };
  }
  await Promise.all([
    ...Array.from({ length: launcher.slots }, (_, slot) => workSlot(session, launcher, slot, begin)),
    serveOthers(session, serve),
  ]);
  return session.close();
}
