import { CurvewiseError } from "../core/errors.js";
import type { Metrics } from "../core/events.js";
import type { Failure } from "../core/failure.js";
import type { Assignment, ReportAnswer, TrialChannel } from "../core/launcher.js";

/**
 * The launcher's side of a channel: it passes on one message at a time, and remembers what the training was
 * told.
 */
export interface TrialTalk {
  /** What the training was told, once it was told to end. */
  readonly told: "pause" | "stop" | undefined;
  /**
   * Passes on a report. After an interruption, the answer is `pause`; once the training was told to end,
   * reports get the same answer and are not passed on.
   *
   * @throws CurvewiseError what the channel throws; `ATTEMPT_OVER` after {@link close}
   */
  report(step: number, metrics: Metrics, canExploit?: boolean): Promise<ReportAnswer>;
  /** @throws CurvewiseError what the channel throws; `ATTEMPT_OVER` after {@link close} */
  snapshot(step: number, path: string): Promise<void>;
  note(note: Failure): void;
  /** Refuses all later messages; resolves when the earlier ones are done. */
  close(): Promise<void>;
}

/** Wraps the channel of an attempt. */
export function createTalk(assignment: Pick<Assignment, "maxSteps">, channel: TrialChannel): TrialTalk {
  let told: "pause" | "stop" | undefined;
  let over = false;
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <Result>(action: () => Promise<Result>): Promise<Result> => {
    if (over) {
      return Promise.reject(
        new CurvewiseError("ATTEMPT_OVER", "the attempt is over; nothing more is recorded for it", {
          hint: "Await every report, and return when told to pause or stop.",
        }),
      );
    }
    const result = last.then(action);
    last = result.catch(() => {});
    return result;
  };

  const ask = async (step: number, metrics: Metrics, canExploit: boolean): Promise<ReportAnswer> => {
    if (told !== undefined) return told;
    const decided = await channel.report(step, metrics, canExploit);
    if (typeof decided === "object") return decided;
    const isLast = assignment.maxSteps !== undefined && step >= assignment.maxSteps;
    const action = decided === "continue" && channel.interrupted.aborted && !isLast ? "pause" : decided;
    if (action !== "continue") told = action;
    return action;
  };

  return {
    get told() {
      return told;
    },
    report: (step, metrics, canExploit = false) => inTurn(() => ask(step, metrics, canExploit)),
    snapshot: (step, path) => inTurn(() => channel.snapshot(step, path)),
    note: (note) => {
      if (!over) channel.note(note);
    },
    close: async () => {
      over = true;
      await last;
    },
  };
}
