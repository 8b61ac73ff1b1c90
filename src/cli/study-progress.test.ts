import { describe, expect, it } from "vitest";
import { createRate } from "./progress.js";
import { secondsLeft } from "./study-progress.js";

describe("secondsLeft", () => {
  it("goes by the pace since the session began", () => {
    // A tenth in 5 s leaves seven tenths at 50 s each.
    expect(secondsLeft({ trials: 0.2 }, { trials: 0.3 }, 5)).toBeCloseTo(35, 9);
  });

  it("tells the limit that comes first", () => {
    expect(secondsLeft({ trials: 0, time: 0 }, { trials: 0.1, time: 0.5 }, 10)).toBeCloseTo(10, 9);
  });

  it("does not guess while a pace is unknown", () => {
    expect(secondsLeft({ trials: 0, time: 0 }, { trials: 0, time: 0.1 }, 10)).toBeUndefined();
    expect(secondsLeft({}, {}, 10)).toBeUndefined();
    expect(secondsLeft({ trials: 0.5 }, { trials: 1 }, 10)).toBeUndefined();
  });
});

describe("createRate", () => {
  it("is the slope over the window", () => {
    const rate = createRate(10);
    expect(rate(0, 0)).toBeUndefined();
    expect(rate(50, 5)).toBeCloseTo(10, 9);
    expect(rate(50, 10)).toBeCloseTo(5, 9);
    // The window now begins at 10 s: nothing of the steps before counts.
    expect(rate(150, 20)).toBeCloseTo(10, 9);
  });
});
