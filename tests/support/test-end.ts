import { onTestFinished } from "vitest";

/** Fires when the test is over, so that waiting loops can end. */
export function testEnd(): AbortSignal {
  const over = new AbortController();
  onTestFinished(() => over.abort());
  return over.signal;
}
