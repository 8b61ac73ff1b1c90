import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleParams } from "../core/draw/sample-params.js";
import { isCurvewiseError } from "../core/errors.js";
import { choice, float, int, ordinal, type ParamsOf } from "../core/param.js";
import { createSearchSpace, problemsOf } from "../core/search-space.js";
import { createRandom, PURPOSE } from "../math/random.js";
import { rateAt, type ScheduleChoices, scheduleFromParams, scheduleNames, scheduleSpace } from "./index.js";

function errorOf(run: () => unknown): { code: string; message: string; hint: string | undefined } {
  try {
    run();
  } catch (error) {
    if (isCurvewiseError(error)) return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("scheduleSpace", () => {
  it("creates params for the kind and for each kind's numbers", () => {
    expect(
      scheduleSpace({
        constant: {},
        exponential: { factor: float(0.8, 1), every: 100 },
        step: { milestones: [100, 200] },
        warmup: { duration: int(0, 50) },
        unit: "step",
      }),
    ).toEqual({
      schedule: choice(["constant", "exponential", "step"]),
      "schedule.unit": { kind: "fixed", value: "step", when: undefined },
      "schedule.warmup.duration": int(0, 50),
      "schedule.exponential.factor": float(0.8, 1, { when: { schedule: "exponential" } }),
      "schedule.exponential.every": { kind: "fixed", value: 100, when: { schedule: "exponential" } },
      "schedule.step.milestones": { kind: "fixed", value: "[100,200]", when: { schedule: "step" } },
    });
  });

  it("can have another name and a condition", () => {
    const params = scheduleSpace(
      {
        cosine: { duration: int(10, 20, { when: { long: true } }) },
        warmup: { duration: 5 },
      },
      { name: "rate", when: { optimizer: "sgd" } },
    );
    expect(params).toEqual({
      rate: choice(["cosine"], { when: { optimizer: "sgd" } }),
      "rate.warmup.duration": { kind: "fixed", value: 5, when: { optimizer: "sgd" } },
      "rate.cosine.duration": int(10, 20, { when: { long: true, rate: "cosine" } }),
    });
  });

  it("takes texts, truth values and every unit as they are", () => {
    const params = scheduleSpace({
      "one-cycle": { duration: 100, anneal: "linear" },
      exponential: { factor: 0.5, continuous: true },
      unit: "iteration",
    });
    expect(params["schedule.one-cycle.anneal"]).toMatchObject({ kind: "fixed", value: "linear" });
    expect(params["schedule.exponential.continuous"]).toMatchObject({ kind: "fixed", value: true });
    expect(params["schedule.unit"]).toMatchObject({ kind: "fixed", value: "iteration" });
  });

  it("infers the type of a trial's params", () => {
    const space = {
      lr: float(1e-3, 1, { log: true }),
      ...scheduleSpace({
        cosine: { duration: ordinal([100, 200]), final: float(0, 0.1) },
        constant: {},
        warmup: { duration: int(0, 50) },
      }),
    };
    type Trial = ParamsOf<typeof space>;
    const cold: Trial = { lr: 1, schedule: "constant", "schedule.warmup.duration": 3 };
    const trial: Trial = {
      ...cold,
      schedule: "cosine",
      "schedule.cosine.duration": 100,
      "schedule.cosine.final": 0,
    };
    // @ts-expect-error: there is no such kind in the space
    const none: Trial = { ...cold, schedule: "step" };
    // @ts-expect-error: the warmup is on in every trial
    const lacking: Trial = { lr: 1, schedule: "constant" };
    // @ts-expect-error: not a value of the list
    const other: Trial = { ...trial, "schedule.cosine.duration": 300 };
    expect([none, lacking, other]).toHaveLength(3);
    expect(scheduleFromParams(trial, { rate: trial.lr })).toEqual({
      cosine: { rate: 1, duration: 100, final: 0 },
      warmup: { duration: 3, start: 0 },
    });
  });

  it("draws valid schedules of every kind", () => {
    const space = createSearchSpace({
      lr: float(1e-4, 1, { log: true }),
      ...scheduleSpace({
        constant: { rate: float(1e-3, 1, { log: true }) },
        exponential: { factor: float(0.5, 1), every: int(1, 500), continuous: choice([true, false]) },
        step: { milestones: choice(["[100, 200]", "[50]"]), factor: 0.1 },
        polynomial: { duration: int(10, 1000), power: float(0.5, 3), final: float(0, 0.1) },
        cosine: { duration: 1000, final: float(0, 0.1) },
        "cosine-restarts": { period: int(10, 1000), multiplier: int(1, 3) },
        "inverse-square-root": { timescale: int(10, 1000, { log: true }) },
        "one-cycle": {
          duration: 1000,
          rise: float(0.1, 0.5),
          phases: choice([2, 3]),
          anneal: choice(["linear", "cosine"]),
        },
        piecewise: {
          changes: [
            { from: 0, rate: 0.1 },
            { from: 10, rate: 0.2 },
          ],
        },
        warmup: { duration: int(0, 100), start: float(0, 1) },
      }),
    });
    const kinds = new Set<unknown>();
    fc.assert(
      fc.property(fc.nat(), fc.nat(2000), (seed, at) => {
        const params = sampleParams(space, createRandom(seed, 0, PURPOSE.params));
        expect(problemsOf(space, params)).toEqual([]);
        kinds.add(params["schedule"]);
        const schedule = scheduleFromParams(params, { rate: Number(params["lr"]) });
        expect(Object.keys(schedule)[0]).toBe(params["schedule"]);
        expect(rateAt(schedule, at)).toBeGreaterThanOrEqual(0);
        expect(schedule.warmup?.duration).toBe(params["schedule.warmup.duration"]);
      }),
      { numRuns: 500 },
    );
    expect(kinds).toEqual(new Set(scheduleNames));
  });

  const wrong: readonly (readonly [choices: ScheduleChoices, message: RegExp])[] = [
    [{}, /^schedule: there is no schedule to choose from/],
    [{ cosine: { duration: float(10, 100) } }, /^schedule\.cosine\.duration: .*int/],
    [{ cosine: { duration: int(0, 100) } }, /^schedule\.cosine\.duration: .*>=1/],
    [
      { cosine: { duration: choice([10, "long"]) } },
      /^schedule\.cosine\.duration: .*number, received string/,
    ],
    [{ exponential: { factor: float(0, 1) } }, /^schedule\.exponential\.factor: .*>0/],
    [{ step: {} }, /^schedule\.step: must have one of: milestones, every/],
    [
      { step: { milestones: choice(["[3, 2]"]) } },
      /^schedule\.step\.milestones: the milestones must increase/,
    ],
    [{ step: { milestones: choice(["[3,"]) } }, /^"\[3," is not a JSON list/],
    [
      { "one-cycle": { duration: 100, phases: choice([2, 3]), rise: float(0.1, 0.6) } },
      /^schedule\.one-cycle\.rise: three phases need a rise/,
    ],
    [{ constant: {}, warmup: { duration: int(-1, 5) } }, /^schedule\.warmup\.duration: .*>=0/],
  ];
  it.each(wrong)("refuses %j", (choices, message) => {
    const error = errorOf(() => scheduleSpace(choices));
    expect(error.code).toBe("SCHEDULE_INVALID");
    expect(error.message).toMatch(message);
  });

  it.each([
    ['{"constant": null}', "schedule.constant: must be a mapping of its options"],
    ['{"constant": 3}', "schedule.constant: must be a mapping of its options"],
    ['{"constant": {}, "unit": "epoch"}', 'schedule.unit: cannot be "epoch"'],
    ['{"constant": {}, "warmup": 500}', "schedule.warmup: must be a mapping of its options"],
    ['{"constant": {}, "warmup": null}', "schedule.warmup: must be a mapping of its options"],
    ['{"cosine": {"duration": {"low": 1}}}', 'schedule.cosine.duration: cannot be {"low":1}'],
  ])("refuses %s, which a file may have", (text, message) => {
    const choices: ScheduleChoices = JSON.parse(text);
    expect(errorOf(() => scheduleSpace(choices)).message).toBe(message);
  });

  it("refuses unknown kinds and options", () => {
    const unknownKind = { cosin: {} };
    expect(errorOf(() => scheduleSpace({ constant: {}, ...unknownKind })).message).toBe(
      'schedule: there is no schedule "cosin"',
    );
    const unknownOption = { duration: 10, fina: 0 };
    expect(errorOf(() => scheduleSpace({ cosine: unknownOption })).message).toMatch(
      /^schedule\.cosine: .*"fina"/,
    );
  });

  it("leaves checking of options with conditions to the trial", () => {
    const params = scheduleSpace({
      step: {
        every: int(1, 9, { when: { regular: true } }),
        milestones: choice(["[3, 9]"], { when: { regular: false } }),
      },
    });
    expect(params["schedule.step.every"].when).toEqual({ regular: true, schedule: "step" });
  });
});

describe("scheduleFromParams", () => {
  it("prefers the kind's own rate", () => {
    const params = { schedule: "constant", "schedule.constant.rate": 0.2 };
    expect(scheduleFromParams(params, { rate: 0.1 })).toEqual({ constant: { rate: 0.2 } });
    expect(scheduleFromParams({ schedule: "constant" }, { rate: 0.1 })).toEqual({ constant: { rate: 0.1 } });
  });

  it("reads lists, units and other names", () => {
    expect(
      scheduleFromParams(
        {
          momentum: "piecewise",
          "momentum.piecewise.changes": '[{"from":0,"rate":0.9},{"from":5,"rate":0.5}]',
          "momentum.unit": "step",
          lr: 0.1,
          "schedule.cosine.final": 3,
        },
        { name: "momentum", rate: 0.1 },
      ),
    ).toEqual({
      piecewise: {
        changes: [
          { from: 0, rate: 0.9 },
          { from: 5, rate: 0.5 },
        ],
      },
      unit: "step",
    });
  });

  it("ignores params that are off", () => {
    expect(
      scheduleFromParams({ schedule: "constant", "schedule.cosine.final": undefined }, { rate: 1 }),
    ).toEqual({
      constant: { rate: 1 },
    });
  });

  const known = `Known: ${scheduleNames.join(", ")}.`;
  const mistakes: readonly (readonly [Readonly<Record<string, string | number>>, string, string])[] = [
    [{ lr: 1 }, "the params have no schedule", `Give schedule, the kind of schedule. ${known}`],
    [{ schedule: "cosin" }, 'schedule cannot be "cosin"', known],
    [{ schedule: 3 }, "schedule cannot be 3", known],
    [
      { schedule: "constant", "schedule.constant.rate": 1, "schedule.cosine.final": 0 },
      "schedule.cosine.final is set, but schedule is constant",
      "Leave it out; the options of constant are schedule.constant.*",
    ],
    [
      { schedule: "constant" },
      "constant.rate: is missing",
      "The options of constant: rate; see docs/schedules.md.",
    ],
  ];
  it.each(mistakes)("refuses %j", (params, message, hint) => {
    expect(errorOf(() => scheduleFromParams(params))).toEqual({ code: "SCHEDULE_INVALID", message, hint });
  });
});
