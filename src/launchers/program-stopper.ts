import { afterSeconds, type Deadline } from "../system/deadline.js";
import { signalGroup } from "./process-group.js";

/** Ends a process group: gently at first, then by force. */
export interface ProgramStopper {
  /** SIGTERM now, and SIGKILL after the grace period. Calling it again has no effect. */
  terminate(): void;
  /**
   * {@link terminate} after the grace period, unless the program ends first; every call restarts the period.
   */
  expectEnd(): void;
  /** SIGKILL now. */
  kill(): void;
  /** Call it once the program has ended: no more signals are sent. */
  release(): void;
}

/** @param grace seconds, the study's `killAfter` */
export function createStopper(group: number, grace: number): ProgramStopper {
  let deadline: Deadline | undefined;
  let terminated = false;
  let released = false;
  const signal = (name: NodeJS.Signals): void => {
    if (!released) signalGroup(group, name);
  };
  const kill = (): void => signal("SIGKILL");
  const wait = (action: () => void): void => {
    deadline?.cancel();
    if (!released) deadline = afterSeconds(grace, action);
  };
  const terminate = (): void => {
    if (terminated) return;
    terminated = true;
    signal("SIGTERM");
    wait(kill);
  };
  return {
    terminate,
    expectEnd: () => {
      if (!terminated) wait(terminate);
    },
    kill,
    release: () => {
      released = true;
      deadline?.cancel();
    },
  };
}
