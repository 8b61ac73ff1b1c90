import { messageOf } from "../core/errors.js";
import type { Assignment, AttemptEnd, Launcher, TrialChannel } from "../core/launcher.js";
import type { Params } from "../core/param.js";
import { afterSeconds } from "../system/deadline.js";
import { TAIL_LINES } from "./output-tail.js";
import { createRunningAttempts } from "./running-attempts.js";
import { runningTrial, type Train, trainOrReturn } from "./running-trial.js";
import { createTalk } from "./trial-talk.js";

/** Options of {@link inlineLauncher}. */
export interface InlineLauncherOptions<P extends Params> {
  readonly train: Train<P>;
  /** How many trials train at the same time. */
  readonly slots: number;
  /** The goal's metric: a number that the function returns is its only report, unless it has reported something. */
  readonly metric?: string;
}

/** The lines of what was thrown, for the log. */
export function stackLines(thrown: unknown): readonly string[] {
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return text.split("\n").slice(0, TAIL_LINES);
}

async function runFunction(
  train: Train,
  metric: string | undefined,
  assignment: Assignment,
  channel: TrialChannel,
  kill: AbortSignal,
): Promise<AttemptEnd> {
  if (kill.aborted || channel.interrupted.aborted) return { kind: "ended" };
  const talk = createTalk(assignment, channel);
  const controller = new AbortController();

  const trained = (async (): Promise<AttemptEnd> => {
    try {
      await trainOrReturn(train, runningTrial(assignment, talk, controller.signal), metric);
      return { kind: "ended" };
    } catch (thrown) {
      if (talk.told !== undefined) return { kind: "ended" };
      const error = {
        code: "FUNCTION_FAILED",
        message: `the training threw: ${messageOf(thrown)}`,
        hint: "The stack is part of the failure.",
      };
      return { kind: "failed", error, output: stackLines(thrown) };
    }
  })();

  let giveUp = (_end: AttemptEnd): void => {};
  const givenUp = new Promise<AttemptEnd>((resolve) => {
    giveUp = resolve;
  });
  const onKill = (): void => giveUp({ kind: "ended" });
  kill.addEventListener("abort", onKill, { once: true });
  const { timeout } = assignment;
  const limit =
    timeout === undefined
      ? undefined
      : afterSeconds(timeout, () => {
          if (talk.told !== undefined) return;
          const error = {
            code: "TRIAL_TIMEOUT",
            message: `the attempt took longer than ${timeout} s`,
            hint: "Raise timeout, or make the training shorter; end the function when trial.signal fires.",
          };
          giveUp({ kind: "failed", error, output: [] });
        });
  try {
    return await Promise.race([trained, givenUp]);
  } finally {
    limit?.cancel();
    kill.removeEventListener("abort", onKill);
    // Closed first, so that reports from the function after the signal fires are refused.
    const closed = talk.close();
    controller.abort();
    await closed;
  }
}

/**
 * Runs functions in this process: for trainings that wait (for a GPU, a server, other processes) or are
 * short. A function cannot be ended from outside: when an attempt is given up, its `signal` fires, all later
 * reports are refused, and the attempt counts as over at once. For CPU-bound functions, use `threadLauncher`.
 *
 * A `timeout` no longer counts once the training was told to pause or stop.
 */
export function inlineLauncher<P extends Params>(options: InlineLauncherOptions<P>): Launcher;
export function inlineLauncher({ train, slots, metric }: InlineLauncherOptions<Params>): Launcher {
  const running = createRunningAttempts();
  return {
    name: "inline",
    slots,
    run: (assignment, channel, _slot, kill) =>
      running.add(kill, (ended) => runFunction(train, metric, assignment, channel, ended)),
    close: () => running.close(),
  };
}
