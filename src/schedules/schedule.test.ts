import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCurvewiseError } from "../core/errors.js";
import {
  constant,
  cosine,
  cosineRestarts,
  exponential,
  inverseSquareRoot,
  oneCycle,
  parseSchedule,
  piecewise,
  polynomial,
  rateAt,
  type Schedule,
  scheduleNames,
  schedules,
  step,
  warmUp,
} from "./index.js";

const rate = fc.double({ min: 1e-9, max: 10, noNaN: true });
const final = fc.double({ min: 0, max: 1, noNaN: true });
const duration = fc.integer({ min: 2, max: 3000 });
const factor = fc.double({ min: 0.001, max: 1, noNaN: true });
const rising = fc
  .uniqueArray(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 8 })
  .map((times) => times.sort((a, b) => a - b));

const kind: fc.Arbitrary<Schedule> = fc.oneof(
  fc.record({ rate }).map((options) => constant(options)),
  fc
    .record({ rate, factor, every: duration, continuous: fc.boolean() })
    .map((options) => exponential(options)),
  fc.record({ rate, factor, milestones: rising }).map((options) => step(options)),
  fc.record({ rate, factor, every: duration }).map((options) => step(options)),
  fc
    .record({ rate, duration, final, power: fc.double({ min: 0.1, max: 5, noNaN: true }) })
    .map((options) => polynomial(options)),
  fc.record({ rate, duration, final }).map((options) => cosine(options)),
  fc
    .record({ rate, period: duration, multiplier: fc.integer({ min: 1, max: 4 }), final })
    .map((options) => cosineRestarts(options)),
  fc.record({ rate, timescale: duration }).map((options) => inverseSquareRoot(options)),
  fc
    .record({
      rate,
      duration,
      rise: fc.double({ min: 0, max: 0.99, noNaN: true }),
      anneal: fc.constantFrom("cosine" as const, "linear" as const),
      startDivisor: fc.double({ min: 1, max: 100, noNaN: true }),
      endDivisor: fc.double({ min: 1, max: 1e6, noNaN: true }),
      phases: fc.constantFrom(2 as const, 3 as const),
    })
    .filter((options) => options.phases === 2 || (options.rise <= 0.5 && options.rise * options.duration > 1))
    .map((options) => oneCycle(options)),
  fc
    .tuple(rising, fc.array(final, { minLength: 9, maxLength: 9 }))
    .map(([times, rates]) =>
      piecewise({ changes: [0, ...times].map((from, index) => ({ from, rate: rates[index] ?? 0 })) }),
    ),
);

/** Any schedule with valid options, with or without a warmup and a unit. */
const anySchedule: fc.Arbitrary<Schedule> = fc
  .tuple(
    kind,
    fc.option(fc.record({ duration: fc.nat(500), start: final }), { nil: undefined }),
    fc.option(fc.constantFrom("iteration" as const, "step" as const), { nil: undefined }),
  )
  .map(([schedule, warmup, unit]) => ({
    ...schedule,
    ...(warmup === undefined ? {} : { warmup }),
    ...(unit === undefined ? {} : { unit }),
  }));

function errorOf(run: () => unknown): { code: string; message: string; hint: string | undefined } {
  try {
    run();
  } catch (error) {
    if (isCurvewiseError(error)) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error("nothing was thrown");
}

const time = fc.oneof(fc.nat(2000), fc.nat(), fc.double({ min: 0, max: 1e9, noNaN: true }));

describe("every schedule", () => {
  it("has a finite, non-negative rate at any time", () => {
    fc.assert(
      fc.property(anySchedule, time, (schedule, at) => {
        const rate = rateAt(schedule, at);
        expect(Number.isFinite(rate) && rate >= 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("survives a round trip through JSON", () => {
    fc.assert(
      fc.property(anySchedule, time, (schedule, at) => {
        const read = parseSchedule(JSON.parse(JSON.stringify(schedule)));
        expect(read).toEqual(schedule);
        expect(rateAt(read, at)).toBe(rateAt(schedule, at));
      }),
    );
  });

  it("rises in a straight line to its first rate, and then continues as it would without a warmup", () => {
    fc.assert(
      fc.property(
        anySchedule,
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        time,
        (schedule, duration, start, at) => {
          const { warmup: _, ...cold } = schedule;
          const warm: Schedule = { ...cold, warmup: { duration, start } };
          const first = rateAt(cold, 0);
          expect(rateAt(warm, duration + at)).toBe(rateAt(cold, duration + at - duration));
          expect(rateAt(warm, 0)).toBe(first * start);
          const between = rateAt(warm, duration / 2);
          expect(Math.abs(between - (first * (1 + start)) / 2)).toBeLessThanOrEqual(1e-12 * first);
          // Continuous: just before the end of the warmup, the rate has nearly arrived.
          const before = rateAt(warm, duration * (1 - 1e-9));
          expect(Math.abs(before - first)).toBeLessThanOrEqual(1e-8 * first);
        },
      ),
    );
  });

  it("is listed under its own name, with a summary and every option described", () => {
    for (const [name, { scheduleName, summary, options }] of Object.entries(schedules)) {
      expect(scheduleName).toBe(name);
      expect(summary).toMatch(/^[A-Z].*\.$/);
      for (const option of Object.values(options.shape)) expect(option.description).toMatch(/\.$/);
    }
  });
});

describe("piecewise", () => {
  const rates = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 50 });

  it("returns the rates that it was made from", () => {
    fc.assert(
      fc.property(rates, (values) => {
        const changes = values
          .map((rate, from) => ({ from, rate }))
          .filter(({ rate }, index) => index === 0 || rate !== values[index - 1]);
        const schedule = piecewise({ changes });
        expect(values.map((_, at) => rateAt(schedule, at))).toEqual(values);
      }),
    );
  });

  it("holds its last rate forever", () => {
    const schedule = piecewise({
      changes: [
        { from: 0, rate: 0.1 },
        { from: 2.5, rate: 0.2 },
      ],
    });
    expect([0, 2, 2.4, 2.5, 3, 1e12].map((at) => rateAt(schedule, at))).toEqual([
      0.1, 0.1, 0.1, 0.2, 0.2, 0.2,
    ]);
  });
});

describe("one cycle", () => {
  it("begins at its peak where the rise is over at once", () => {
    const schedule = oneCycle({ rate: 1, duration: 10, rise: 0.1 });
    expect(rateAt(schedule, 0)).toBe(1);
    expect(rateAt(schedule, 9)).toBeCloseTo(1 / 25 / 10_000, 15);
  });

  it("may have three phases if the first one lasts", () => {
    // Up until 0.5, back until 1, down until 9.
    const schedule = oneCycle({ rate: 1, duration: 10, rise: 0.15, phases: 3 });
    expect(rateAt(schedule, 1)).toBeCloseTo(1 / 25, 12);
  });

  it("runs through hand-worked phases, and keeps its last rate", () => {
    // Up until 0.5 * 9 - 1 = 3.5, back until 7, and on down until 8.
    const schedule = oneCycle({
      rate: 8,
      duration: 9,
      rise: 0.5,
      anneal: "linear",
      startDivisor: 4,
      endDivisor: 2,
      phases: 3,
    });
    expect([0, 1.75, 3.5, 5.25, 7, 7.5, 8, 20].map((at) => rateAt(schedule, at))).toEqual([
      2, 5, 8, 5, 2, 1.5, 1, 1,
    ]);
  });
});

describe("an exponential schedule", () => {
  it("matches the poster: 5 % less every 100 iterations", () => {
    const schedule = exponential({ rate: 0.1, factor: 0.95, every: 100 });
    expect([0, 99, 100, 199, 200].map((at) => rateAt(schedule, at))).toEqual([
      0.1,
      0.1,
      0.1 * 0.95,
      0.1 * 0.95,
      0.1 * (0.95 * 0.95),
    ]);
  });

  it("with regular intervals is a step schedule", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0.5, max: 1, noNaN: true }),
        time,
        (every, factor, at) => {
          const options = { rate: 0.1, factor, every };
          expect(rateAt(exponential(options), at)).toBe(rateAt(step(options), at));
        },
      ),
    );
  });

  it("with a factor above 1 grows without limit", () => {
    expect(rateAt(exponential({ rate: 0.1, factor: 10 }), 400)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("parseSchedule", () => {
  it("fills in what is left out", () => {
    expect(
      parseSchedule({ cosine: { rate: 0.1, duration: 100 }, warmup: { duration: 5 }, unit: "step" }),
    ).toEqual({
      cosine: { rate: 0.1, duration: 100, final: 0 },
      warmup: { duration: 5, start: 0 },
      unit: "step",
    });
    expect(parseSchedule({ constant: { rate: 1 } })).toEqual({ constant: { rate: 1 } });
  });

  const known = `Known: ${scheduleNames.join(", ")}.`;
  const mistakes: readonly (readonly [input: unknown, message: string, hint: string])[] = [
    [null, "a schedule must be a mapping such as {cosine: {..}}, but is null", known],
    ["cosine", 'a schedule must be a mapping such as {cosine: {..}}, but is "cosine"', known],
    [[], "a schedule must be a mapping such as {cosine: {..}}, but is []", known],
    [{}, "the schedule has no kind", known],
    [{ warmup: { duration: 3 } }, "the schedule has no kind", known],
    [{ cosin: {} }, 'there is no schedule "cosin"', known],
    [{ toString: {} }, 'there is no schedule "toString"', known],
    [{ cosine: {}, step: {} }, "the schedule has two kinds: cosine and step", "Remove one of them."],
    [{ constant: { rate: 1 }, unit: "epoch" }, 'unit: cannot be "epoch"', "Give iteration or step."],
    [
      { constant: null },
      "constant.rate: is missing",
      "The options of constant: rate; see docs/schedules.md.",
    ],
    [
      { cosine: { rate: 0.1 } },
      "cosine.duration: is missing",
      "The options of cosine: rate, duration, final; see docs/schedules.md.",
    ],
    [
      { constant: { rate: 1 }, warmup: { start: 1 } },
      "warmup.duration: is missing",
      "The options of warmup: duration, start; see docs/schedules.md.",
    ],
  ];
  it.each(mistakes)("refuses %j", (input, message, hint) => {
    expect(errorOf(() => parseSchedule(input))).toEqual({ code: "SCHEDULE_INVALID", message, hint });
  });

  const wrong: readonly (readonly [input: unknown, message: RegExp])[] = [
    [{ constant: { rate: -1 } }, /^constant\.rate: .*>=0/],
    [{ constant: { rate: "fast" } }, /^constant\.rate: .*expected number, received string/],
    [{ cosine: { rate: 0.1, duration: 10, fina: 1 } }, /^cosine: .*"fina"/],
    [{ cosine: { rate: 0.1, duration: 1.5 } }, /^cosine\.duration: .*int/],
    [{ step: { rate: 0.1 } }, /^step: must have one of: milestones, every/],
    [{ step: { rate: 0.1, every: 3, milestones: [5] } }, /^step: must have only one of/],
    [{ step: { rate: 0.1, milestones: [5, 5] } }, /^step\.milestones: the milestones must increase/],
    [{ piecewise: { changes: [] } }, /^piecewise\.changes: /],
    [
      { piecewise: { changes: [{ from: 1, rate: 1 }] } },
      /^piecewise\.changes: the first change must be from 0/,
    ],
    [
      {
        piecewise: {
          changes: [
            { from: 0, rate: 1 },
            { from: 0, rate: 2 },
          ],
        },
      },
      /^piecewise\.changes: each change must come after the previous one/,
    ],
    [
      { "one-cycle": { rate: 0.1, duration: 100, phases: 3, rise: 0.6 } },
      /^one-cycle\.rise: three phases need a rise of at most 0.5/,
    ],
    // A rise over one iteration leaves nothing between the phases.
    [
      { "one-cycle": { rate: 0.1, duration: 10, phases: 3, rise: 0.1 } },
      /^one-cycle\.rise: .* more than one iteration/,
    ],
    [{ constant: { rate: 1 }, warmup: { duration: -1 } }, /^warmup\.duration: .*>=0/],
  ];
  it.each(wrong)("refuses %j and says where it is wrong", (input, message) => {
    const error = errorOf(() => parseSchedule(input));
    expect(error.code).toBe("SCHEDULE_INVALID");
    expect(error.message).toMatch(message);
  });
});

describe("rateAt", () => {
  it("refuses impossible times", () => {
    for (const at of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const { code, message } = errorOf(() => rateAt(constant({ rate: 1 }), at));
      expect([code, message]).toEqual(["SCHEDULE_TIME", `there is no rate at iteration ${at}`]);
    }
  });

  it("refuses a schedule without a kind, and says so", () => {
    const none: object = { unit: "step" };
    expect(errorOf(() => parseSchedule(none)).message).toBe("the schedule has no kind");
    const emptied = { ...constant({ rate: 1 }) };
    Reflect.deleteProperty(emptied, "constant");
    expect(errorOf(() => rateAt(emptied, 0)).message).toBe("the schedule has no kind");
  });

  it("shows the beginning of what is not a schedule", () => {
    const { message } = errorOf(() => parseSchedule("x".repeat(99)));
    expect(message).toBe(`a schedule must be a mapping such as {cosine: {..}}, but is "${"x".repeat(59)}`);
    expect(errorOf(() => parseSchedule(undefined)).message).toContain("but is nothing");
  });

  it("accepts schedules built in TypeScript", () => {
    const schedule: Schedule = {
      ...warmUp(cosine({ rate: 0.5, duration: 100 }), { duration: 10 }),
      unit: "step",
    };
    expect(rateAt(schedule, 5)).toBe(0.25);
    expect(rateAt(schedule, 60)).toBeCloseTo(0.25, 12);
    expect(rateAt(schedule, 110)).toBe(0);
  });

  it("has no warmup if its duration is 0", () => {
    expect(rateAt(warmUp(constant({ rate: 0.5 }), { duration: 0 }), 0)).toBe(0.5);
  });
});
