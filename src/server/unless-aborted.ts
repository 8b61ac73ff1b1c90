import type { StopSignal } from "../core/launcher.js";

/**
 * A promise's result, or `otherwise` as soon as a signal fires. Unlike `Promise.race` with a promise that may
 * stay pending for days, it leaves no listeners behind.
 */
export function unlessAborted<Value, Other>(
  promise: Promise<Value>,
  signal: StopSignal,
  otherwise: Other,
): Promise<Value | Other> {
  return new Promise((resolve, reject) => {
    const give = (): void => resolve(otherwise);
    const forget = (): void => signal.removeEventListener("abort", give);
    promise.then(resolve, reject).finally(forget);
    if (signal.aborted) give();
    else signal.addEventListener("abort", give, { once: true });
  });
}
