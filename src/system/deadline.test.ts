import { expect, it, onTestFinished, vi } from "vitest";
import { afterSeconds } from "./deadline.js";

const DAY = 24 * 60 * 60;

/** Calls an action after so many seconds of a clock that only the test moves. */
function watched(seconds: number) {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const action = vi.fn();
  return { action, deadline: afterSeconds(seconds, action) };
}

it("waits for months, which a single timer cannot", () => {
  const { action } = watched(60 * DAY);
  vi.advanceTimersByTime((60 * DAY - 1) * 1000);
  expect(action).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1000);
  expect(action).toHaveBeenCalledOnce();
});

it("comes at once if the time is over", () => {
  const { action } = watched(-5);
  vi.advanceTimersByTime(1);
  expect(action).toHaveBeenCalledOnce();
});

it.each([1, 40 * DAY])("can be cancelled on its way, %d s before it would come", (left) => {
  const { action, deadline } = watched(60 * DAY);
  vi.advanceTimersByTime((60 * DAY - left) * 1000);
  deadline.cancel();
  vi.advanceTimersByTime(100 * DAY * 1000);
  expect(action).not.toHaveBeenCalled();
});
