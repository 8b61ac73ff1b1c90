import type { Action } from "../core/decision.js";
import { messageOf } from "../core/errors.js";
import type { Metrics } from "../core/events.js";
import type { Params } from "../core/param.js";
import type { Session } from "../engine/session.js";

/** The caller, as the log names it. */
const ASKER = { worker: "asked", process: "asked", host: "here" } as const;

/** A trial that the caller trains. */
export interface AskedTrial<P> {
  readonly number: number;
  readonly params: P;
  /** For the training's own randomness, in [0, 2^31). */
  readonly seed: number;
  /** The step at which the training is complete, if the study has one. */
  readonly maxSteps: number | undefined;
  /** Reports metrics at a step; once they are durable, resolves to what to do next. Steps count from 1. */
  report(step: number, metrics: Metrics): Promise<Action>;
  /** Ends the trial: complete, unless a report was answered with `pause` or `stop`. */
  complete(): Promise<void>;
  /** Reports the metrics of the next step and ends the trial: all that a study without curves needs. */
  tell(metrics: Metrics): Promise<void>;
  /** Ends the trial as failed. */
  fail(error: unknown): Promise<void>;
}

/** A study that this process has open and asks for trials. */
export interface StudySession<P> {
  /** The next trial; undefined if there will be none. Waits while all trials are being trained elsewhere. */
  ask(): Promise<AskedTrial<P> | undefined>;
  /** Releases the study. Trials that were asked for but not ended wait for the next session. */
  close(): Promise<void>;
}

/**
 * Wraps an engine's session for callers that do their own training.
 *
 * @param closeStorage called at the end, for a storage that nobody else has open
 */
export function createStudySession<P>(
  session: Session,
  typed: (params: Params) => P,
  closeStorage: () => Promise<void>,
): StudySession<P> {
  const ask = async (): Promise<AskedTrial<P> | undefined> => {
    const work = await session.coordinator.ask(ASKER);
    if (work === undefined) return undefined;
    const { assignment, channel } = work;
    let step = assignment.resume?.step ?? 0;
    const report = async (at: number, metrics: Metrics): Promise<Action> => {
      step = Math.max(step, at);
      const answer = await channel.report(at, metrics);
      return typeof answer === "object" ? answer.action : answer;
    };
    const complete = (): Promise<void> => session.coordinator.end(work, { kind: "ended" });
    return {
      number: assignment.trial,
      params: typed(assignment.params),
      seed: assignment.seed,
      maxSteps: assignment.maxSteps,
      report,
      complete,
      tell: async (metrics) => {
        await report(step + 1, metrics);
        await complete();
      },
      fail: (error) =>
        session.coordinator.end(work, {
          kind: "failed",
          error: { code: "TRIAL_FAILED", message: messageOf(error) },
          output: [],
        }),
    };
  };
  const close = async (): Promise<void> => {
    try {
      await session.close();
    } finally {
      await closeStorage();
    }
  };
  return { ask, close };
}
