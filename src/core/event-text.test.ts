import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { studyEvent } from "../../tests/support/arbitrary-event.js";
import { eventText, parseEvent } from "./event-text.js";

describe("the text of an event", () => {
  it("is JSON that gives the event back, whatever its kind, fields and numbers", () => {
    fc.assert(
      fc.property(studyEvent, (original) => {
        const text = eventText(original);
        expect(text).not.toContain("\n");
        expect(parseEvent(text)).toEqual(original);
      }),
      { numRuns: 500 },
    );
  });

  it("writes numbers that JSON lacks as words", () => {
    const metrics = {
      loss: Number.NaN,
      norm: Number.POSITIVE_INFINITY,
      gain: Number.NEGATIVE_INFINITY,
      ok: 1,
    };
    const text = eventText({ type: "reported", trial: 0, attempt: 1, step: 1, metrics, time: 5 });
    expect(JSON.parse(text)).toEqual({
      type: "reported",
      trial: 0,
      attempt: 1,
      step: 1,
      metrics: { loss: "NaN", norm: "Infinity", gain: "-Infinity", ok: 1 },
      time: 5,
    });
  });
});
