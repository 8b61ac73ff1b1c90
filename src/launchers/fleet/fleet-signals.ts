import { setTimeout as sleep } from "node:timers/promises";
import type { StopSignal } from "../../core/launcher.js";
import type { FleetEvent } from "./fleet-state.js";

/** What ends a fleet from outside. */
export interface FleetEnds {
  /** Nothing is left to do. */
  readonly settled: StopSignal;
  /** Whether the study was only interrupted. */
  readonly hasMore: () => boolean;
  /** Everything is to end at once. */
  readonly killed: StopSignal;
}

/** The same as events, each of which comes once. */
export interface FleetSignals {
  /** Those that fired since it was last asked. */
  fresh(): readonly FleetEvent<"settled" | "killed">[];
  /** Whether there are such. */
  isAny(): boolean;
  /** Waits for a signal, at most that many milliseconds. */
  rest(time: number): Promise<void>;
}

/** Makes events of signals. */
export function fleetSignals({ settled, hasMore, killed }: FleetEnds): FleetSignals {
  const waiting = new Set<{ readonly signal: StopSignal; event(): FleetEvent<"settled" | "killed"> }>([
    { signal: settled, event: () => ({ type: "settled", isFinished: !hasMore() }) },
    { signal: killed, event: () => ({ type: "killed" }) },
  ]);
  const fired = () => [...waiting].filter(({ signal }) => signal.aborted);
  return {
    fresh: () =>
      fired().map((each) => {
        waiting.delete(each);
        return each.event();
      }),
    isAny: () => fired().length > 0,
    rest: async (time) => {
      if (fired().length > 0) return;
      const waking = new AbortController();
      const wake = (): void => waking.abort();
      const signals = [...waiting].map(({ signal }) => signal);
      for (const signal of signals) signal.addEventListener("abort", wake, { once: true });
      await sleep(time, undefined, { signal: waking.signal }).catch(() => {});
      for (const signal of signals) signal.removeEventListener("abort", wake);
    },
  };
}
