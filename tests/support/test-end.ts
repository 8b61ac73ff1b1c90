import { onTestFinished } from "vitest";

/** Fires when the test is over, for loops that wait: whatever they wait for is of no use then. */
export function testEnd(): AbortSignal {
  const over = new AbortController();
  onTestFinished(() => over.abort());
  return over.signal;
}
