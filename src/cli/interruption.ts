import { tell } from "./output.js";

/** How a run is ended by signals. */
export interface Interruption {
  /** Fires at the first signal: programs should save and end. */
  readonly interrupt: AbortSignal;
  /** Fires at the second: programs are ended at once. */
  readonly kill: AbortSignal;
  /** The exit code of an interrupted run: 128 and the signal's number. */
  exitCode(): number;
  /** Stops listening. */
  close(): void;
}

const SIGNALS: Readonly<Record<"SIGINT" | "SIGTERM" | "SIGHUP", number>> = {
  SIGINT: 2,
  SIGTERM: 15,
  SIGHUP: 1,
};

/**
 * Listens to SIGINT (Ctrl-C), SIGTERM and SIGHUP: the first one asks, the second one insists, and the third one
 * ends this process without waiting for anything.
 */
export function listenToSignals(): Interruption {
  const interrupt = new AbortController();
  const kill = new AbortController();
  let first: keyof typeof SIGNALS | undefined;
  const code = (signal: keyof typeof SIGNALS): number => 128 + SIGNALS[signal];
  const listenerFor = (signal: keyof typeof SIGNALS) => (): void => {
    if (first === undefined) {
      first = signal;
      tell("\nfinishing: programs save and end; press again to stop at once");
      interrupt.abort();
    } else if (!kill.signal.aborted) {
      tell("\nstopping at once");
      kill.abort();
    } else {
      process.exit(code(first));
    }
  };
  const listeners = [
    ["SIGINT", listenerFor("SIGINT")],
    ["SIGTERM", listenerFor("SIGTERM")],
    ["SIGHUP", listenerFor("SIGHUP")],
  ] as const;
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return {
    interrupt: interrupt.signal,
    kill: kill.signal,
    exitCode: () => code(first ?? "SIGINT"),
    close: () => {
      for (const [signal, listener] of listeners) process.off(signal, listener);
    },
  };
}
