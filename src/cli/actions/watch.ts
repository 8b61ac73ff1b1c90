import { constants } from "node:os";
import type { StudyEvent } from "../../core/events.js";
import type { ControlRequest } from "../../core/request.js";
import type { Storage } from "../../core/storage.js";
import { createStudyWatch } from "../../dashboard/watched-study.js";
import { submitRequests } from "../../engine/submit-request.js";
import { pickStudy, withExisting } from "../database.js";
import { followDatabase } from "../followed-database.js";
import { isUnicodeLocale, print, terminalWidth } from "../output.js";
import { writtenLine } from "../spans.js";
import { thisUser } from "../this-user.js";
import { liveWatch } from "../watch/live-watch.js";
import { snapshotLines } from "../watch/snapshot.js";
import { watchModel } from "../watch/watch-model.js";

/** Options of `curvewise watch`. */
export interface WatchOptions {
  readonly storage: string;
  readonly once?: boolean;
  readonly readOnly?: boolean;
}

/** A snapshot's columns if the output is not a terminal. */
const USUAL_WIDTH = 80;

/** Puts a request into the study's inbox; the database is opened for writing only for that moment. */
async function ask(location: string, study: string, action: ControlRequest): Promise<string> {
  return withExisting(location, async (storage) => {
    const { fate } = await submitRequests(storage, study, thisUser(), [action]);
    const what = `asked to ${action.kind} ${action.trial === undefined ? "the study" : `trial ${action.trial}`}`;
    if (fate === "done") return `${what}; done, since nobody runs it`;
    return fate === "coordinator"
      ? `${what}; its coordinator carries it out within a second`
      : `${what}; nobody runs it: this takes effect at the next \`curvewise run\``;
  });
}

async function eventsOf(
  storage: Pick<Storage, "readEvents">,
  study: string,
  trial: number,
): Promise<StudyEvent[]> {
  const events: StudyEvent[] = [];
  for await (const { event } of storage.readEvents(study, { trial })) events.push(event);
  return events;
}

async function show(name: string | undefined, options: WatchOptions): Promise<number> {
  const storage = await followDatabase(options.storage);
  try {
    const { name: study } = await pickStudy(storage, name);
    const studies = createStudyWatch(storage, Date.now);
    const isUnicode = isUnicodeLocale();
    if (options.once === true || !process.stdout.isTTY) {
      const width = terminalWidth();
      const columns = Number.isFinite(width) ? width : USUAL_WIDTH;
      const lines = snapshotLines(watchModel(await studies.look(study)), { columns, isUnicode });
      print(lines.map((line) => writtenLine(line, isUnicode).trimEnd()).join("\n"));
      return 0;
    }
    return await liveWatch({
      watch: studies,
      study,
      isUnicode,
      eventsOf: (trial) => eventsOf(storage, study, trial),
      act: options.readOnly === true ? undefined : (request) => ask(options.storage, study, request),
    });
  } finally {
    await storage.close();
  }
}

const HANG_UP = 128 + constants.signals.SIGHUP;

/**
 * Shows a study on the terminal until it is left, or prints how it stands.
 *
 * @throws CurvewiseError `STORAGE_NOT_FOUND`, `STUDY_NOT_FOUND`, `STUDY_NEEDED`
 */
export async function watch(name: string | undefined, options: WatchOptions): Promise<void> {
  const exitCode = await show(name, options);
  process.exitCode = exitCode;
  // Node would put the terminal's modes back at its exit, and abort because there is no terminal.
  if (exitCode === HANG_UP) process.kill(process.pid, "SIGHUP");
}
