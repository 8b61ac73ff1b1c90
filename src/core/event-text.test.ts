import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventText, parseEvent } from "./event-text.js";
import type { StudyEvent } from "./events.js";

// JSON has no negative zero; it comes back as zero, which is the same number.
const number = fc.double().map((value) => value + 0);
const numbers = fc.dictionary(fc.string({ unit: "grapheme" }), number, { noNullPrototype: true });
const neighbours = fc.array(
  fc.record(
    { trial: fc.nat(), study: fc.string(), distance: number, performance: number, forecast: number },
    { requiredKeys: ["trial", "distance"] },
  ),
);
const explanation = fc.record(
  { rule: fc.string(), reason: fc.string(), values: numbers, steps: fc.array(fc.nat()), neighbours },
  { requiredKeys: ["rule", "reason", "values"] },
);
const event: fc.Arbitrary<StudyEvent> = fc.oneof(
  fc.record({
    type: fc.constantFrom("reported" as const, "reported-late" as const),
    trial: fc.nat(),
    attempt: fc.nat(),
    step: fc.nat(),
    metrics: numbers,
    time: number.filter(Number.isFinite),
  }),
  fc.record({
    type: fc.constant("decided" as const),
    trial: fc.nat(),
    attempt: fc.nat(),
    step: fc.nat(),
    action: fc.constantFrom("continue" as const, "pause" as const, "stop" as const),
    explanation,
    time: fc.nat(),
  }),
  fc.record(
    { type: fc.constant("resumed" as const), trial: fc.nat(), explanation, time: fc.nat() },
    { requiredKeys: ["type", "trial", "time"] },
  ),
);

describe("the text of an event", () => {
  it("is JSON that gives the event back, whatever the numbers", () => {
    fc.assert(
      fc.property(event, (original) => {
        const text = eventText(original);
        expect(text).not.toContain("\n");
        expect(parseEvent(text)).toEqual(original);
      }),
    );
  });

  it("writes what JSON has no number for as words", () => {
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
