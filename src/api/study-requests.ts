import type { Params } from "../core/param.js";
import type { BudgetRequest, StudyAction } from "../core/request.js";
import type { Storage } from "../core/storage.js";

/** Who asks something of a study. */
export interface Asking {
  /** As the log names it; default `program`. */
  readonly by?: string;
}
/** The same, and of which trial. */
export interface AskingOfTrial extends Asking {
  /** A trial's number; without it, the study is meant. */
  readonly trial?: number;
}

/**
 * What may be asked of a study while it runs, in this process or another. Each resolves when the request is in the
 * study's inbox; the coordinator carries it out within a second. If none runs, notes, tags, pauses, resumptions and stops
 * are carried out at once, the others when the study is run next. What a coordinator cannot carry out becomes a note in
 * the log.
 *
 * All of them throw CurvewiseError `REQUEST_INVALID`, and `STUDY_NOT_FOUND` before the study's first run; while nobody
 * runs the study, also `REQUEST_REFUSED` and `STUDY_FINISHED` for what cannot be carried out.
 */
export interface StudyRequests<P> {
  /**
   * Pauses the study: trainings save and pause at their next report, no trial begins, and a run waits, until
   * {@link StudyRequests.resume}. With a trial, pauses only that.
   */
  pause(asking?: AskingOfTrial): Promise<void>;
  /** Lets a study that was paused or stopped go on or, with a trial, that trial. */
  resume(asking?: AskingOfTrial): Promise<void>;
  /** Stops the study, whose run then ends as finished or, with a trial, that trial for good. */
  stop(asking?: AskingOfTrial): Promise<void>;
  /** Has params tried next; missing ones are drawn at random. */
  enqueue(params: Partial<P>, asking?: Asking): Promise<void>;
  /** Raises limits of the budget; those that are not named stay. */
  extend(limits: Omit<BudgetRequest, "kind">, asking?: Asking): Promise<void>;
  /** Changes how many trials train at the same time in the process that runs the study, until that run ends. */
  setWorkers(workers: number, asking?: Asking): Promise<void>;
  /** Adds a note to the study, or to a trial. */
  note(text: string, asking?: AskingOfTrial): Promise<void>;
  /** Adds tags to the study, or to a trial. */
  tag(tags: readonly string[], asking?: AskingOfTrial): Promise<void>;
  /** Removes tags. */
  untag(tags: readonly string[], asking?: AskingOfTrial): Promise<void>;
}

/**
 * Creates the methods by which a program asks something of a study.
 *
 * @param paramsOf checks and copies given params
 * @param withStorage runs with the study's storage
 */
export function studyRequests<P extends object>(
  name: string,
  paramsOf: (given: Partial<P>) => Params,
  withStorage: (use: (storage: Storage) => Promise<void>) => Promise<void>,
): StudyRequests<P> {
  const submit = async (action: StudyAction, { by = "program" }: Asking = {}): Promise<void> => {
    const { submitRequests } = await import("../engine/submit-request.js");
    await withStorage(async (storage) => void (await submitRequests(storage, name, by, [action])));
  };
  const of = ({ trial }: AskingOfTrial = {}) => (trial === undefined ? {} : { trial });
  return {
    pause: (asking) => submit({ kind: "pause", ...of(asking) }, asking),
    resume: (asking) => submit({ kind: "resume", ...of(asking) }, asking),
    stop: (asking) => submit({ kind: "stop", ...of(asking) }, asking),
    enqueue: async (given, asking) => submit({ kind: "enqueue", params: paramsOf(given) }, asking),
    extend: (limits, asking) => submit({ kind: "budget", ...limits }, asking),
    setWorkers: (workers, asking) => submit({ kind: "workers", workers }, asking),
    note: (text, asking) => submit({ kind: "note", text, ...of(asking) }, asking),
    tag: (tags, asking) => submit({ kind: "tags", add: tags, remove: [], ...of(asking) }, asking),
    untag: (tags, asking) => submit({ kind: "tags", add: [], remove: tags, ...of(asking) }, asking),
  };
}
