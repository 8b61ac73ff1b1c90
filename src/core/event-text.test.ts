import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { studyEvent } from "../../tests/support/arbitrary-event.js";
import { eventText, parseEvent } from "./event-text.js";
import type { StudyEvent } from "./events.js";

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

describe("an event whose numbers are all finite", () => {
  const explanation = { rule: "r", reason: "because", values: { a: 1 } };
  const place = { trial: 0, attempt: 1, step: 1, time: 5 };

  it.each<StudyEvent>([
    { type: "reported", ...place, metrics: { loss: 0.5 } },
    { type: "decided", ...place, action: "stop", explanation },
    { type: "decided", ...place, action: "stop", explanation: { ...explanation, neighbours: [] } },
    { type: "resumed", trial: 0, time: 5 },
    { type: "paused", trial: 0, attempt: 1, time: 5 },
  ])("is the JSON of itself: %j", (event) => {
    expect(eventText(event)).toBe(JSON.stringify(event));
  });

  it.each([
    { distance: Number.POSITIVE_INFINITY },
    { distance: 1, performance: Number.NaN },
    { distance: 1, forecast: Number.NEGATIVE_INFINITY },
    { distance: 1, performance: 0, forecast: Number.NaN },
  ])("is not one with a neighbour of %j, which comes back as it was", (numbers) => {
    const neighbours = [
      { trial: 1, distance: 2 },
      { trial: 2, study: "a", ...numbers },
    ];
    const event: StudyEvent = {
      type: "decided",
      ...place,
      action: "stop",
      explanation: { ...explanation, steps: [1], neighbours },
    };
    expect(eventText(event)).not.toContain("null");
    expect(parseEvent(eventText(event))).toEqual(event);
  });

  it("is not read from text that is not JSON", () => {
    expect(() => parseEvent("{")).toThrow(SyntaxError);
  });
});
