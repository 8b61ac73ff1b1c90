/** The longest delay that `setTimeout` takes; above it, it fires at once. */
const LONGEST = 2 ** 31 - 1;

/** Something that will happen unless it is cancelled. */
export interface Deadline {
  cancel(): void;
}

/**
 * Calls `action` once, after any number of seconds, even months, which `setTimeout` alone cannot wait for.
 */
export function afterSeconds(seconds: number, action: () => void): Deadline {
  let rest = Math.max(0, seconds * 1000);
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const part = Math.min(rest, LONGEST);
    rest -= part;
    timer = setTimeout(rest > 0 ? wait : action, part);
  };
  wait();
  return { cancel: () => clearTimeout(timer) };
}
