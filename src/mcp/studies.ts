import { CurvewiseError } from "../core/errors.js";
import type { StudyEvent } from "../core/events.js";
import { nameHint } from "../core/nearest.js";
import type { PendingRequest } from "../core/request.js";
import type { Storage } from "../core/storage.js";
import type { Study } from "../core/study.js";
import type { Trial } from "../core/trial.js";
import { createStudyWatch, type StudyWatch, type WatchedStudy } from "../dashboard/watched-study.js";
import { metricsOf } from "../views/study-view.js";
import { isWord } from "./user-text.js";

/** A database that is open for reading. */
export type OpenDatabase = Pick<
  Storage,
  "name" | "location" | "listStudies" | "readEvents" | "listRequests" | "close"
>;

/** The studies of a database, followed as they grow. */
export interface Studies {
  /** Their names, in the order of creation. */
  names(): Promise<readonly string[]>;
  /**
   * A study, up to date.
   *
   * @param name undefined: the only one
   * @throws CurvewiseError `STUDY_NOT_FOUND`; `STUDY_NEEDED` if none was named and there are several; what the storage
   *   throws
   */
  look(name: string | undefined): Promise<WatchedStudy>;
  /** The events of one of a study's trials, in order. */
  events(study: string, trial: number): Promise<readonly StudyEvent[]>;
  /** All events of a study, in order, as they are read. */
  log(study: string): AsyncIterable<StudyEvent>;
  /** What was asked of a study and not carried out yet. */
  pending(study: string): Promise<readonly PendingRequest[]>;
  close(): Promise<void>;
}

interface Opened {
  readonly database: OpenDatabase;
  readonly watch: StudyWatch;
}

/** The hints of a list of names quote only those that are nothing but names. */
export const hintOf = (name: string, known: readonly string[]): string =>
  nameHint(name, known.filter(isWord));

/** @throws CurvewiseError `TRIAL_NOT_FOUND` */
export function trialOf({ definition, trials }: Study, number: number): Trial {
  const trial = trials[number];
  if (trial !== undefined) return trial;
  throw new CurvewiseError("TRIAL_NOT_FOUND", `study "${definition.name}" has no trial ${number}`, {
    hint: trials.length === 0 ? "It has no trials yet." : `Its trials are 0 to ${trials.length - 1}.`,
  });
}

/** The named metric, or the goal's. @throws CurvewiseError `METRIC_UNKNOWN` */
export function metricOf(study: Study, metric: string | undefined): string {
  if (metric === undefined) return study.definition.goal.metric;
  const known = metricsOf(study);
  if (known.includes(metric)) return metric;
  throw new CurvewiseError("METRIC_UNKNOWN", `no trial reported "${metric}"`, {
    hint: hintOf(metric, known),
  });
}

/**
 * Follows the studies of a database. It is opened when it is first needed, so that a server can wait for a database that
 * does not exist yet, and again after a failure.
 *
 * @param open opens it for reading
 * @param now milliseconds since 1970
 */
export function createStudies(open: () => Promise<OpenDatabase>, now: () => number): Studies {
  let opening: Promise<Opened> | undefined;

  async function openAll(): Promise<Opened> {
    const database = await open();
    return { database, watch: createStudyWatch(database, now) };
  }

  async function close(): Promise<void> {
    const former = opening;
    opening = undefined;
    const opened = await former?.catch(() => undefined);
    await opened?.database.close();
  }

  async function use<Result>(run: (opened: Opened) => Promise<Result>): Promise<Result> {
    opening ??= openAll();
    const mine = opening;
    try {
      return await run(await mine);
    } catch (error) {
      const isOurs = error instanceof CurvewiseError && error.code.startsWith("STUDY_");
      if (!isOurs && opening === mine) await close().catch(() => {});
      throw error;
    }
  }

  const names = (): Promise<readonly string[]> => use(({ watch }) => watch.names());

  return {
    names,
    look: async (name) => {
      const known = await names();
      const [only] = known;
      if (name === undefined && known.length !== 1) {
        throw new CurvewiseError(
          known.length === 0 ? "STUDY_NOT_FOUND" : "STUDY_NEEDED",
          known.length === 0
            ? "there is no study in the database yet"
            : `the database holds ${known.length} studies`,
          {
            hint:
              known.length === 0
                ? "`curvewise run study.yaml` begins one."
                : `Name one of: ${known.slice(-20).join(", ")}.`,
          },
        );
      }
      const wanted = name ?? only ?? "";
      if (!known.includes(wanted)) {
        throw new CurvewiseError("STUDY_NOT_FOUND", `there is no study "${wanted}"`, {
          hint: hintOf(wanted, known),
        });
      }
      return use(({ watch }) => watch.look(wanted));
    },
    events: (study, trial) =>
      use(async ({ database }) => {
        const events: StudyEvent[] = [];
        for await (const { event } of database.readEvents(study, { trial })) events.push(event);
        return events;
      }),
    log: async function* (study) {
      opening ??= openAll();
      const { database } = await opening;
      for await (const { event } of database.readEvents(study)) yield event;
    },
    pending: async (study) => {
      // Opened again: a request that was made meanwhile may have given an old database its inbox.
      const database = await open();
      try {
        return await database.listRequests(study);
      } finally {
        await database.close();
      }
    },
    close,
  };
}
