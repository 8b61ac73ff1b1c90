import { describe, expect, it } from "vitest";
import { isCurvewiseError } from "../core/errors.js";
import { paramsAt, parseScheduleFile } from "./index.js";

const FILE = {
  study: "mnist",
  trial: 3,
  goal: { metric: "accuracy", direction: "maximize" },
  value: 0.98,
  steps: 30,
  params: { batch: 32 },
  schedules: {
    lr: {
      piecewise: {
        changes: [
          { from: 0, rate: 0.1 },
          { from: 20, rate: 0.08 },
        ],
      },
      unit: "step",
    },
  },
  switches: {
    optimizer: [
      { from: 0, value: "sgd" },
      { from: 10, value: "adam" },
    ],
    momentum: [
      { from: 0, value: 0.9 },
      { from: 10, value: null },
    ],
  },
};

function errorOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return isCurvewiseError(error) ? `${error.code}: ${error.message}` : String(error);
  }
  return "";
}

describe("a file of changing params", () => {
  it("returns the params of each step", () => {
    const file = parseScheduleFile(FILE);
    const early = { batch: 32, lr: 0.1, optimizer: "sgd", momentum: 0.9 };
    expect(paramsAt(file, 0)).toEqual(early);
    expect(paramsAt(file, 9)).toEqual(early);
    expect(paramsAt(file, 10)).toEqual({ batch: 32, lr: 0.1, optimizer: "adam" });
    expect(paramsAt(file, 19.5)).toEqual({ batch: 32, lr: 0.1, optimizer: "adam" });
    expect(paramsAt(file, 1000)).toEqual({ batch: 32, lr: 0.08, optimizer: "adam" });
  });

  it("may hold any schedule, and nothing else", () => {
    const file = parseScheduleFile({ schedules: { lr: { constant: { rate: 0.5 }, unit: "step" } } });
    expect(paramsAt(file, 7)).toEqual({ lr: 0.5 });
    expect(paramsAt(parseScheduleFile({}), 7)).toEqual({});
  });

  it.each<[unknown, string]>([
    [{ ...FILE, parms: {} }, 'SCHEDULE_FILE_INVALID: Unrecognized key: "parms"'],
    [{ params: { batch: Number.NaN } }, "SCHEDULE_FILE_INVALID: params.batch: "],
    [{ ...FILE, params: { lr: 1 } }, "SCHEDULE_FILE_INVALID: lr: the param is given twice"],
    [
      { switches: { a: [{ from: 1, value: 1 }] } },
      "SCHEDULE_FILE_INVALID: switches.a: the first change must be from 0",
    ],
    [
      {
        switches: {
          a: [
            { from: 0, value: 1 },
            { from: 0, value: 2 },
          ],
        },
      },
      "SCHEDULE_FILE_INVALID: switches.a: each change must come after the previous one",
    ],
    [{ schedules: { lr: { unit: "step" } } }, "SCHEDULE_INVALID: the schedule has no kind"],
    [
      { schedules: { lr: { piecewise: { changes: [{ from: 1, rate: 1 }] } } } },
      "SCHEDULE_FILE_INVALID: schedules.lr",
    ],
    ["lr: 1", "SCHEDULE_FILE_INVALID: "],
  ])("is refused with the reason: %j", (input, message) => {
    expect(errorOf(() => parseScheduleFile(input))).toContain(message);
  });

  it("has no params before the beginning, nor by step if it counts iterations", () => {
    const file = parseScheduleFile({ schedules: { lr: { constant: { rate: 0.5 } } } });
    expect(errorOf(() => paramsAt(parseScheduleFile(FILE), -1))).toContain("SCHEDULE_TIME");
    expect(errorOf(() => paramsAt(parseScheduleFile({}), -1))).toContain("SCHEDULE_TIME");
    expect(errorOf(() => paramsAt(parseScheduleFile({}), Number.NaN))).toContain("SCHEDULE_TIME");
    expect(errorOf(() => paramsAt(file, 0))).toBe(
      "SCHEDULE_TIME: the schedule of lr counts iterations, not steps",
    );
  });
});
