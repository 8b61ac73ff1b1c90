import { describe, expect, it } from "vitest";
import { sampleParams } from "../core/draw/sample-params.js";
import { isCurvewiseError } from "../core/errors.js";
import { choice, fixed, float, int } from "../core/param.js";
import { checkCommand } from "../launchers/command-template.js";
import { createRandom, PURPOSE } from "../math/random.js";
import { scheduleFromParams, scheduleNames } from "../schedules/index.js";
import { parseStudy, type StudyPlan } from "./load-study.js";

const REST = `study: schedules
goal: {minimize: loss}
command: [train, "\${args}"]
`;

function parse(text: string): StudyPlan {
  return parseStudy(REST + text, { file: "study.yaml", folder: "/" }, { command: checkCommand });
}

function problemOf(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (isCurvewiseError(error)) return error.message;
    throw error;
  }
  throw new Error("the text was accepted");
}

describe("a schedule in the space of study.yaml", () => {
  it("becomes the params of scheduleSpace", () => {
    const { space } = parse(`space:
  optimizer: {choice: [sgd, adam]}
  lr: {float: [1e-4, 1], log: true}
  schedule:
    schedule:
      constant: {}
      exponential: {factor: {float: [0.8, 1]}, every: 100}
      step: {milestones: {choice: ["[1, 2]", "[3]"]}, factor: .5}
      piecewise: {changes: [{from: 0, rate: 1}]}
      warmup: {duration: {int: [0, 9]}}
      unit: step
    when: {optimizer: sgd}
  momentum: {float: [0, 0.9], when: {schedule.exponential.factor: {min: 0.9}}}
constraints:
  - schedule.exponential.factor >= lr
`);
    const when = { optimizer: "sgd" };
    expect(space.params).toEqual({
      optimizer: choice(["sgd", "adam"]),
      lr: float(1e-4, 1, { log: true }),
      schedule: choice(["constant", "exponential", "step", "piecewise"], { when }),
      "schedule.unit": fixed("step", { when }),
      "schedule.warmup.duration": int(0, 9, { when }),
      "schedule.exponential.factor": float(0.8, 1, { when: { schedule: "exponential" } }),
      "schedule.exponential.every": fixed(100, { when: { schedule: "exponential" } }),
      "schedule.step.milestones": choice(["[1, 2]", "[3]"], { when: { schedule: "step" } }),
      "schedule.step.factor": fixed(0.5, { when: { schedule: "step" } }),
      "schedule.piecewise.changes": fixed('[{"from":0,"rate":1}]', { when: { schedule: "piecewise" } }),
      momentum: float(0, 0.9, { when: { "schedule.exponential.factor": { min: 0.9 } } }),
    });
    for (let trial = 0; trial < 50; trial++) {
      const params = sampleParams(space, createRandom(7, trial, PURPOSE.params));
      const { optimizer, lr } = params;
      const isOn = Object.keys(params).some((name) => name.startsWith("schedule"));
      expect(isOn).toBe(optimizer === "sgd");
      const unit = isOn && scheduleFromParams(params, { rate: Number(lr) }).unit;
      expect(unit).toBe(isOn && "step");
    }
  });

  it("may be named in the command by its params", () => {
    const command = "space: {rate: {schedule: {cosine: {duration: 9}}}}\nenv: {}";
    expect(() => parse(command)).not.toThrow();
    const plan = parseStudy(
      `study: x\ngoal: {minimize: loss}\ncommand: [train, "--for={rate.cosine.duration}"]\n${command}`,
      { file: "study.yaml", folder: "/" },
      { command: checkCommand },
    );
    expect(Object.keys(plan.definition.space)).toEqual(["rate", "rate.cosine.duration"]);
  });

  const schedule = (kinds: string, more = ""): string => `space:\n  lr: {schedule: {${kinds}}${more}}\n`;
  it.each<[string, string, string]>([
    [
      "an unknown kind",
      schedule("cosin: {duration: 9}"),
      'study.yaml:5:19: unknown key `space.lr.schedule.cosin`; did you mean "cosine"?',
    ],
    [
      "an unknown option",
      schedule("cosine: {duraton: 9}"),
      'study.yaml:5:28: unknown key `space.lr.schedule.cosine.duraton`; did you mean "duration"?',
    ],
    [
      "an option that is lacking",
      schedule("cosine: {}"),
      "study.yaml:5:18: `space.lr` lr.cosine.duration: is missing",
    ],
    [
      "a value that the option cannot have",
      schedule("cosine: {duration: 1.5}"),
      "study.yaml:5:38: `space.lr.schedule.cosine.duration` must be a whole number or a mapping, but is 1.5",
    ],
    [
      "a param with values that the option cannot have",
      schedule("cosine: {duration: {float: [1, 9]}}"),
      "study.yaml:5:18: `space.lr` lr.cosine.duration: Invalid input: expected int, received number",
    ],
    [
      "an unknown key of an option's param",
      schedule("cosine: {duration: {int: [1, 9], lgo: true}}"),
      'study.yaml:5:52: unknown key `space.lr.schedule.cosine.duration.lgo`; did you mean "log"?',
    ],
    [
      "a broken range of an option's param",
      schedule("cosine: {duration: {int: [9, 1]}}"),
      "study.yaml:5:18: `space.lr` int(9, 1): low is greater than high",
    ],
    [
      "no kind",
      schedule("unit: step"),
      "study.yaml:5:18: `space.lr` lr: there is no schedule to choose from",
    ],
    [
      "an unknown unit",
      schedule("constant: {}, unit: epoch"),
      'study.yaml:5:39: `space.lr.schedule.unit` cannot be the text "epoch"; known: iteration, step',
    ],
    [
      "a schedule and a range",
      schedule("constant: {}", ", float: [0, 1]"),
      "study.yaml:5:7: `space.lr` must have only one of: float, schedule",
    ],
    [
      "a param with the name of an option",
      `${schedule("cosine: {duration: 9}")}  lr.cosine.duration: 3\n`,
      'study.yaml:6:3: `space` has "lr.cosine.duration" twice: as a param, and as a part of a schedule',
    ],
  ])("refuses %s", (_what, text, expected) => {
    expect(problemOf(text)).toBe(expected);
  });

  it("may be of every kind", () => {
    const { space } = parse(`space:
  schedule:
    schedule:
      constant: {rate: 0.1}
      exponential: {rate: 0.1, factor: 0.9}
      step: {rate: 0.1, every: 10}
      polynomial: {rate: 0.1, duration: 10}
      cosine: {rate: 0.1, duration: 10}
      cosine-restarts: {rate: 0.1, period: 10}
      inverse-square-root: {rate: 0.1, timescale: 10}
      one-cycle: {rate: 0.1, duration: 100, phases: 3, anneal: linear}
      piecewise: {changes: [{from: 0, rate: 1}]}
`);
    const { schedule } = space.params;
    expect(schedule?.kind === "choice" && new Set(schedule.options)).toEqual(new Set(scheduleNames));
  });
});
