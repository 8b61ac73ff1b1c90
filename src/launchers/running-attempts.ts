import type { AttemptEnd, StopSignal } from "../core/launcher.js";

/** The attempts that a launcher is running, so that closing it ends them. */
export interface RunningAttempts {
  /** Runs an attempt. The signal that it gets fires with `kill`, and when the launcher is closed. */
  add(kill: StopSignal, run: (kill: AbortSignal) => Promise<AttemptEnd>): Promise<AttemptEnd>;
  /** Ends all attempts and waits for them. */
  close(): Promise<void>;
}

/** Creates an empty {@link RunningAttempts}. */
export function createRunningAttempts(): RunningAttempts {
  const running = new Map<AbortController, Promise<AttemptEnd>>();
  let closed = false;

  const add: RunningAttempts["add"] = (kill, run) => {
    const controller = new AbortController();
    const onKill = (): void => controller.abort();
    kill.addEventListener("abort", onKill, { once: true });
    if (kill.aborted || closed) controller.abort();
    const end = run(controller.signal).finally(() => {
      kill.removeEventListener("abort", onKill);
      running.delete(controller);
    });
    running.set(controller, end);
    return end;
  };

  const close = async (): Promise<void> => {
    closed = true;
    const ends = [...running.values()];
    for (const controller of running.keys()) controller.abort();
    await Promise.allSettled(ends);
  };
  return { add, close };
}
