import { constants } from "node:os";
import { tell } from "./output.js";
import { hasStatus, leaveStatus } from "./status-line.js";

/** How a run is ended by signals. */
export interface Interruption {
  /** Fires at the first signal: programs should save and end. */
  readonly interrupt: AbortSignal;
  /** Fires at the second: programs are ended at once. */
  readonly kill: AbortSignal;
  /** The exit code of an interrupted run: 128 plus the signal's number. */
  exitCode(): number;
  /** Stops listening. */
  close(): void;
}

type Signal = "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGUSR1";

/** Says something on a line of its own, below the `^C` that a terminal writes where the cursor is. */
const say = (text: string): void => tell(hasStatus() ? text : `\n${text}`);

/** The signals that end a run. */
const USUAL_SIGNALS: readonly Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** What else ends a run. */
interface InterruptionOptions {
  /** Other signals that only ask, such as those that batch systems send before a time limit. */
  readonly more?: readonly Signal[];
  /** Whether the end of standard input insists at once: whoever started this process is gone. */
  readonly untilInputEnds?: boolean;
}

/**
 * Listens to SIGINT (Ctrl-C), SIGTERM and SIGHUP: the first one asks, the second one insists, and the third one
 * ends this process without waiting for anything.
 */
export function listenToSignals(options: InterruptionOptions = {}): Interruption {
  const { more = [], untilInputEnds = false } = options;
  const interrupt = new AbortController();
  const kill = new AbortController();
  let first: Signal | undefined;
  const code = (signal: Signal): number => 128 + constants.signals[signal];
  const listenerFor = (signal: Signal) => (): void => {
    if (first === undefined) {
      first = signal;
      say("finishing: programs save and end; press again to stop at once");
      interrupt.abort();
    } else if (more.includes(signal)) {
      // Such a signal only asks.
    } else if (!kill.signal.aborted) {
      say("stopping at once");
      kill.abort();
    } else {
      leaveStatus();
      process.exit(code(first));
    }
  };
  const listeners = [...USUAL_SIGNALS, ...more].map((signal) => [signal, listenerFor(signal)] as const);
  for (const [signal, listener] of listeners) process.on(signal, listener);
  const onInputEnd = (): void => {
    first ??= "SIGHUP";
    interrupt.abort();
    kill.abort();
  };
  if (untilInputEnds) process.stdin.on("end", onInputEnd).on("error", onInputEnd).resume();
  return {
    interrupt: interrupt.signal,
    kill: kill.signal,
    exitCode: () => code(first ?? "SIGINT"),
    close: () => {
      for (const [signal, listener] of listeners) process.off(signal, listener);
      // Otherwise it would keep this process from ending.
      if (untilInputEnds) process.stdin.off("end", onInputEnd).off("error", onInputEnd).destroy();
    },
  };
}
