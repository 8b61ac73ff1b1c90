import { CurvewiseError } from "../core/errors.js";
import type { Holder, StudySummary } from "../core/storage.js";
import { applyEvent, beginStudy } from "../core/study-fold.js";
import type { StudyRecord } from "../core/study-record.js";
import { type EndedTrial, endedTrials } from "../importance/index.js";
import { ranksOf } from "../views/ranks.js";
import { createViewedLog, type GrowingLog } from "../views/viewed-log.js";
import type { ViewedStudy } from "../views/viewed-study.js";
import type { StudySource } from "./study-source.js";

/** A study that is followed: as it was when it was last refreshed. */
export interface WatchedStudy extends ViewedStudy {
  /**
   * The text of an answer, worked out once for each state of the study, however many pages ask for it.
   *
   * @param key tells the answer from others
   */
  once(key: string, compute: () => string): string;
  /** The same for an answer that is worked out elsewhere; one that failed is asked for again. */
  later(key: string, compute: () => Promise<string>): Promise<string>;
  /** The trials with their ends, known or forecast. */
  ends(): readonly EndedTrial[];
  /** The place of each trial with a value among all of them, from 1, by number. */
  ranks(): ReadonlyMap<number, number>;
}

interface Followed {
  study: StudyRecord;
  readonly log: GrowingLog;
  holder: Holder | undefined;
  isAway: boolean;
  readonly createdAt: number;
  derived: Derived;
}

/** What was worked out from one state of a study. */
interface Derived {
  readonly answers: Map<string, string>;
  readonly awaited: Map<string, Promise<string>>;
  ends?: readonly EndedTrial[];
  ranks?: ReadonlyMap<number, number>;
}

/** Follows the studies of a source; only those that somebody looks at are read. */
export interface StudyWatch {
  /**
   * A study, up to date.
   *
   * @throws CurvewiseError `STUDY_NOT_FOUND`; what the source throws
   */
  look(name: string): Promise<WatchedStudy>;
  /** The same for a list of studies: one that nobody runs and nobody looks at is not kept in memory. */
  glance(name: string): Promise<WatchedStudy>;
  /** The studies, in the order of creation; none of them is read. */
  list(): Promise<readonly StudySummary[]>;
  /** Their names. */
  names(): Promise<readonly string[]>;
}

/** More answers than a page with all its plots asks for. */
const MOST_ANSWERS = 200;

const nothingYet = (): Derived => ({ answers: new Map(), awaited: new Map() });

/** Creates a watch. @param now milliseconds since 1970 */
export function createStudyWatch(source: StudySource, now: () => number): StudyWatch {
  const followed = new Map<string, Followed>();
  /** Looks at one study wait for each other, so that no event is applied twice. */
  const looks = new Map<string, Promise<Followed>>();

  async function refresh(name: string): Promise<Followed> {
    const summary = (await source.listStudies(now())).find((study) => study.name === name);
    if (summary === undefined) {
      followed.delete(name);
      throw new CurvewiseError("STUDY_NOT_FOUND", `there is no study "${name}"`, {
        hint: "It may have been deleted; the list of studies shows those that there are.",
      });
    }
    let known = followed.get(name);
    // A study of this name was deleted and begun again.
    if (
      known !== undefined &&
      (known.createdAt !== summary.createdAt || known.study.events > summary.events)
    ) {
      known = undefined;
    }
    if (known === undefined || known.study.events < summary.events) {
      for await (const { event, sequence } of source.readEvents(name, { after: known?.study.events ?? 0 })) {
        if (known === undefined) {
          const study = beginStudy(event);
          known = {
            study,
            log: createViewedLog(study.definition),
            holder: undefined,
            isAway: false,
            createdAt: summary.createdAt,
            derived: nothingYet(),
          };
          followed.set(name, known);
        } else applyEvent(known.study, event);
        known.log.add(event, sequence);
        known.derived = nothingYet();
      }
    }
    if (known === undefined) throw new CurvewiseError("STUDY_NOT_FOUND", `study "${name}" has no events`);
    const isAway = source.isAway?.() ?? false;
    const isSame =
      known.holder?.pid === summary.holder?.pid &&
      known.holder?.host === summary.holder?.host &&
      known.isAway === isAway;
    if (!isSame) known.derived = nothingYet();
    known.holder = summary.holder;
    known.isAway = isAway;
    return known;
  }

  function watched({ study, log, holder, isAway, derived }: Followed): WatchedStudy {
    const { answers, awaited } = derived;
    return {
      study,
      log,
      holder,
      isAway,
      once: (key, compute) => {
        const known = answers.get(key);
        if (known !== undefined) return known;
        const text = compute();
        if (answers.size >= MOST_ANSWERS) answers.clear();
        answers.set(key, text);
        return text;
      },
      later: (key, compute) => {
        const known = awaited.get(key);
        if (known !== undefined) return known;
        const coming = compute();
        if (awaited.size >= MOST_ANSWERS) awaited.clear();
        awaited.set(key, coming);
        coming.catch(() => awaited.delete(key));
        return coming;
      },
      ends: () => (derived.ends ??= endedTrials(study)),
      ranks: () => (derived.ranks ??= ranksOf(study)),
    };
  }

  const look = async (name: string): Promise<WatchedStudy> => {
    const before = looks.get(name);
    const next = (before ?? Promise.resolve()).then(
      () => refresh(name),
      () => refresh(name),
    );
    looks.set(name, next);
    try {
      return watched(await next);
    } finally {
      if (looks.get(name) === next) looks.delete(name);
    }
  };

  return {
    look,
    glance: async (name) => {
      const isKept = followed.has(name) || looks.has(name);
      const seen = await look(name);
      if (!isKept && seen.holder === undefined && !looks.has(name)) followed.delete(name);
      return seen;
    },
    list: () => source.listStudies(now()),
    names: async () => (await source.listStudies(now())).map(({ name }) => name),
  };
}
