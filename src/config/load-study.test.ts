import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { beliefOf } from "../core/draw/belief.js";
import { CurvewiseError, isCurvewiseError } from "../core/errors.js";
import type { Space } from "../core/param.js";
import { loadStudy, parseStudy } from "./load-study.js";
import type { ProgramChecks } from "./program-section.js";

const place = { file: "study.yaml", folder: "/home/me/project" };

const BASE = `study: mnist-mlp
goal: {minimize: val_loss}
command: [python3, train.py, "--lr={lr}", "--batch={batch}"]
space:
  lr: {float: [1e-4, 1], log: true}
  batch: {choice: [16, 32, 64]}
`;

function errorOf(
  text: string,
  checks?: ProgramChecks,
): { code: string; lines: string[]; hint: string | undefined } {
  try {
    parseStudy(text, place, checks);
  } catch (error) {
    if (isCurvewiseError(error))
      return { code: error.code, lines: error.message.split("\n"), hint: error.hint };
    throw error;
  }
  throw new Error("the text was accepted");
}

describe("parseStudy", () => {
  it("reads the smallest study and fills in the defaults", () => {
    const plan = parseStudy(BASE, place);
    expect(plan.definition).toEqual({
      name: "mnist-mlp",
      goal: { metric: "val_loss", direction: "minimize", of: "last" },
      space: {
        lr: { kind: "float", low: 1e-4, high: 1, log: true, step: undefined, when: undefined },
        batch: { kind: "choice", options: [16, 32, 64], when: undefined },
      },
      constraints: [],
      sampler: { name: "auto", options: {} },
      scheduler: { name: "none", options: {} },
      budget: {},
      seed: 0,
      retries: 0,
      program: {
        command: ["python3", "train.py", "--lr={lr}", "--batch={batch}"],
        shell: false,
        folder: "/home/me/project",
        env: {},
        metrics: { kind: "lines" },
        killAfter: 30,
      },
    });
    expect(plan.workers).toBeUndefined();
    expect(plan.enqueue).toEqual([]);
  });

  it("reads everything that a study may hold", () => {
    const plan = parseStudy(
      `
study: everything_1.0
goal: {maximize: acc}
command: ./train --lr={lr} | tee log
shell: true
space:
  lr: {float: [.001, 1E-1], log: true}
  rate: {float: [0, 1], step: 0.25}
  layers: {int: [1, 9], step: 2}
  units: {ordinal: [16, 32, 64]}
  optimizer: {choice: [sgd, adam]}
  momentum: {float: [0, 0.99], when: {optimizer: sgd, layers: {min: 3}, units: [16, 32]}}
  activation: relu
  flag: true
  bias: {fixed: 0.5, when: {optimizer: adam}}
constraints:
  - layers * units <= 256
maxSteps: 30
sampler: {grid: {levels: 3}}
scheduler: median
budget: {trials: 200, time: 4h, totalSteps: 3000}
seed: 7
workers: 4
retries: 2
timeout: 1h30m
killAfter: 5
metrics: {pairs: {step: 'epoch (\\d+)', names: [loss, acc]}}
env: {THREADS: 1, VERBOSE: false, NAME: x}
folder: programs
enqueue:
  - {lr: 0.01, optimizer: sgd}
`,
      place,
    );
    expect(plan.definition).toEqual({
      name: "everything_1.0",
      goal: { metric: "acc", direction: "maximize", of: "last" },
      space: {
        lr: { kind: "float", low: 0.001, high: 0.1, log: true, step: undefined, when: undefined },
        rate: { kind: "float", low: 0, high: 1, log: false, step: 0.25, when: undefined },
        layers: { kind: "int", low: 1, high: 9, log: false, step: 2, when: undefined },
        units: { kind: "ordinal", options: [16, 32, 64], when: undefined },
        optimizer: { kind: "choice", options: ["sgd", "adam"], when: undefined },
        momentum: {
          kind: "float",
          low: 0,
          high: 0.99,
          log: false,
          step: undefined,
          when: { optimizer: "sgd", layers: { min: 3 }, units: [16, 32] },
        },
        activation: { kind: "fixed", value: "relu", when: undefined },
        flag: { kind: "fixed", value: true, when: undefined },
        bias: { kind: "fixed", value: 0.5, when: { optimizer: "adam" } },
      },
      constraints: ["layers * units <= 256"],
      maxSteps: 30,
      sampler: { name: "grid", options: expect.objectContaining({ levels: 3 }) },
      scheduler: { name: "median", options: expect.any(Object) },
      budget: { trials: 200, time: 14_400, totalSteps: 3000 },
      seed: 7,
      retries: 2,
      timeout: 5400,
      program: {
        command: ["./train --lr={lr} | tee log"],
        shell: true,
        folder: "/home/me/project/programs",
        env: { THREADS: "1", VERBOSE: "false", NAME: "x" },
        metrics: { kind: "pairs", step: "epoch (\\d+)", names: ["loss", "acc"] },
        killAfter: 5,
      },
    });
    expect(plan.workers).toBe(4);
    expect(plan.enqueue).toEqual([{ lr: 0.01, optimizer: "sgd" }]);
    expect(plan.space.constraints[0]?.holds({ layers: 9, units: 64 })).toBe(false);
    expect(plan.space.constraints[0]?.holds({ layers: 1, units: 64 })).toBe(true);
  });

  it("reads numbers as YAML 1.2 has them, and words such as no as text", () => {
    const { definition } = parseStudy(
      BASE.replace("{choice: [16, 32, 64]}", "{choice: [1e-4, 1E+3, 0x10, 0o17, .5, 1., no, on, 1_000]}"),
      place,
    );
    const { batch } = definition.space;
    expect(batch?.kind === "choice" && batch.options).toEqual([
      1e-4,
      1000,
      16,
      15,
      0.5,
      1,
      "no",
      "on",
      "1_000",
    ]);
  });

  it("takes anchors, aliases and merge keys", () => {
    const { definition } = parseStudy(
      `${BASE}  a: &wide {float: [0, 1]}\n  b: *wide\n  c: {<<: *wide, log: false}\n`,
      place,
    );
    expect(definition.space["b"]).toEqual(definition.space["a"]);
    expect(definition.space["c"]).toEqual(definition.space["a"]);
  });
});

describe("goals in study.yaml", () => {
  const goalOf = (text: string) =>
    parseStudy(`study: s\n${text}\nspace: {x: {int: [1, 2]}}\ncommand: [train]\n`, place).definition.goal;

  it("are recorded with all that they say", () => {
    expect(goalOf("goal: {maximize: acc, of: best, across: worst}")).toEqual({
      metric: "acc",
      direction: "maximize",
      of: "best",
      across: "worst",
    });
    expect(goalOf("goals: [{minimize: loss, of: best}, {minimize: latency, reference: 100}]")).toEqual({
      metric: "loss",
      direction: "minimize",
      of: "best",
      others: [{ metric: "latency", direction: "minimize", reference: 100 }],
    });
  });

  it("have the constraints on metrics, beside those on params", () => {
    const { definition } = parseStudy(
      'study: s\ngoal: {minimize: loss}\nspace: {x: {int: [1, 9]}}\nconstraints: ["x < 8", {memory: <= 16, acc: ">= 0.5"}]\ncommand: [train]\n',
      place,
    );
    expect(definition.constraints).toEqual(["x < 8"]);
    expect(definition.goal.constraints).toEqual([
      { metric: "memory", comparison: "<=", limit: 16 },
      { metric: "acc", comparison: ">=", limit: 0.5 },
    ]);
    expect(goalOf("goal: {minimize: loss}\nconstraints: {memory: < 1}").constraints).toHaveLength(1);
  });
});

describe("a goal in study.yaml that is written as several, or several as one", () => {
  const goalError = (text: string) => errorOf(BASE.replace("goal: {minimize: val_loss}", text));

  it.each([
    [
      "goal: [{minimize: a}, {minimize: b}]",
      "`goal` must be a mapping, but is a list",
      /^Write several goals as/,
    ],
    ["goal: [{minimize: a}]", "`goal` must be a mapping, but is a list", /^Write one goal as/],
    ["goal: loss", '`goal` must be a mapping, but is the text "loss"', /^Write one goal as/],
    ["goal: {minimize: [a, b]}", "`goal.minimize` must be text, but is a list", /^Write several goals as/],
    ["goal: {minimize: a, maximize: b}", "must have only one of", /Write several goals as/],
    ["goals: {minimize: a}", "`goals` must be a list, but is a mapping", /Write one goal as/],
    ["goals: [{minimize: a}]", "`goals` must have at least 2 entries, but has 1", /Write one goal as/],
    ["goals: [a, b]", '`goals.0` must be a mapping, but is the text "a"', /^Write several goals as/],
  ])("is refused with what to write: %s", (text, message, hint) => {
    const { lines, hint: said } = goalError(text);
    expect(lines[0]).toContain(message);
    expect(said).toMatch(hint);
  });
});

describe("weights of a prior in study.yaml", () => {
  const weightsOf = (text: string) => {
    const { space } = parseStudy(
      `study: s\ngoal: {minimize: loss}\n${text}\ncommand: [train, "{x}"]\n`,
      place,
    );
    return space.params["x"];
  };

  it("name null, lists and mappings as they are written, or as their JSON", () => {
    const options = "space: {x: {choice: [null, [64, 64], {name: b, deep: [1]}, relu]";
    for (const weights of [
      "{null: 2, [64, 64]: 3, {deep: [1], name: b}: 4}",
      '{"null": 2, "[64, 64]": 3, \'{"name": "b", "deep": [1]}\': 4}',
      "{~: 2, ? [64, 64] : 3, ? {name: b, deep: [1]} : 4}",
    ]) {
      const param = weightsOf(`${options}, prior: {weights: ${weights}}}}`);
      const draws = param === undefined ? [] : [0.2, 0.3, 0.6, 0.99].map((at) => beliefOf(param)?.below(at));
      expect(draws).toEqual([0.16, 0.26, 0.66, 0.996].map((share) => expect.closeTo(share, 9)));
    }
  });

  it("are refused if there are none, with the place", () => {
    expect(
      errorOf(BASE.replace(/^space:\n/m, "space:\n  x: {choice: [a, b], prior: {weights: {}}}\n")).lines[0],
    ).toContain('`space.x` the prior of "x" has no weights');
    const { lines, hint } = errorOf(
      BASE.replace(/^space:\n/m, "space:\n  x: {choice: [[64], [8]], prior: {weights: {[16]: 2}}}\n"),
    );
    expect(lines[0]).toContain('weighs "[16]", which is not one of its values');
    expect(hint).toContain("Lists and mappings are named as JSON");
  });
});

describe("prices in study.yaml", () => {
  it.each([
    ["2.1/h", "100 per 0.01", 2.1, 10_000],
    ["0.5/min", "3", 30, 3],
    ["2", ".5 per 1e-3", 2, 500],
    ["1/s", "1 PER 2", 3600, 0.5],
  ])("are for an hour and a difference of 1: %s, %s", (price, value, hourly, each) => {
    const budget = `{until: worthwhile, price: ${price}, value: ${value}}`;
    const text = `study: s\ngoal: {minimize: loss}\nspace: {x: {int: [1, 2]}}\ncommand: [train]\nbudget: ${budget}\n`;
    const { worthwhile } = parseStudy(text, place).definition.budget;
    expect(worthwhile?.price).toBeCloseTo(hourly, 9);
    expect(worthwhile?.value).toBeCloseTo(each, 9);
  });
});

describe("mistakes in study.yaml", () => {
  const added = (line: string): string => `${BASE}${line}\n`;
  const param = (line: string): string => added(`  ${line}`);

  it.each<[string, string, string]>([
    [
      "an unknown key",
      added("maxStep: 30"),
      'study.yaml:7:1: unknown key `maxStep`; did you mean "maxSteps"?',
    ],
    [
      "a file of metrics that all trials share",
      added("metrics: {file: logs/metrics.csv, format: csv}"),
      "study.yaml:7:17: `metrics.file` is the same file for all trials, which several workers would write at the same time",
    ],
    [
      "an unknown key that is like none",
      added("colour: blue"),
      "study.yaml:7:1: unknown key `colour`; known: study, goal, goals, command, shell, space, constraints, maxSteps, sampler, scheduler, budget, seed, workers, launcher, countStarts, replicates, retries, timeout, firstStep, killAfter, park, metrics, buffering, env, files, snapshot, folder, trackers, enqueue, transfer",
    ],
    [
      "an unknown key of a param",
      param("x: {float: [0, 1], lgo: true}"),
      'study.yaml:7:22: unknown key `space.x.lgo`; did you mean "log"?',
    ],
    [
      "an unknown key of the budget",
      added("budget: {trails: 3}"),
      'study.yaml:7:10: unknown key `budget.trails`; did you mean "trials"?',
    ],
    [
      "an unknown kind of param",
      param("x: {choices: [1, 2]}"),
      'study.yaml:7:7: unknown key `space.x.choices`; did you mean "choice"?',
    ],
    [
      "two kinds of param",
      param("x: {float: [0, 1], int: [1, 2]}"),
      "study.yaml:7:6: `space.x` must have only one of: float, int",
    ],
    [
      "a range with one end",
      param("x: {float: [0]}"),
      "study.yaml:7:14: `space.x.float` must have at least 2 entries, but has 1",
    ],
    [
      "a range with three ends",
      param("x: {int: [0, 1, 2]}"),
      "study.yaml:7:12: `space.x.int` must have at most 2 entries, but has 3",
    ],
    [
      "low above high",
      param("x: {float: [1, 0]}"),
      "study.yaml:7:14: `space.x` float(1, 0): low is greater than high",
    ],
    [
      "the logarithm of zero",
      param("x: {float: [0, 1], log: true}"),
      "study.yaml:7:14: `space.x` float(0, 1): a logarithmic range must be above zero",
    ],
    [
      "a fraction in an int",
      param("x: {int: [0.5, 3]}"),
      "study.yaml:7:12: `space.x` int(0.5, 3): low must be a whole number, but is 0.5",
    ],
    [
      "log on a choice",
      param("x: {choice: [1, 2], log: true}"),
      "study.yaml:7:28: `space.x.log` is only for float and int",
    ],
    [
      "a default outside of the range",
      param("x: {float: [0, 1], default: 2}"),
      'study.yaml:7:31: `space.x` the default of "x" cannot be 2',
    ],
    [
      "a default that is not a number",
      param("x: {int: [0, 9], default: few}"),
      "study.yaml:7:29: `space.x.default` must be a number",
    ],
    [
      "a default of what is fixed",
      param("x: {fixed: 1, default: 1}"),
      "study.yaml:7:26: `space.x.default` is only for float, int, choice and ordinal",
    ],
    [
      "a prior outside of the range",
      param("x: {float: [1, 2], prior: {around: 3, within: 1}}"),
      'study.yaml:7:29: `space.x` the prior of "x" is around 3, but the range is 1 to 2',
    ],
    [
      "a factor for a param that is not logarithmic",
      param("x: {float: [1, 2], prior: {around: 1, factor: 2}}"),
      'study.yaml:7:29: `space.x` the prior of "x" has a factor, but the param is not logarithmic',
    ],
    [
      "a factor that says nothing",
      param("x: {float: [1, 2], log: true, prior: {around: 1, factor: 1}}"),
      'study.yaml:7:40: `space.x` the prior of "x" has the factor 1, but it must be above 1',
    ],
    [
      "a prior without a width",
      param("x: {float: [1, 2], prior: {around: 1}}"),
      "study.yaml:7:14: `space.x` a prior needs factor or within, besides around",
    ],
    [
      "weights of numbers",
      param("x: {int: [1, 2], prior: {weights: {1: 2}}}"),
      "study.yaml:7:27: `space.x.prior` must be {around: ..., factor: ...} or {around: ..., within: ...} for float and int",
    ],
    [
      "a place among choices",
      param("x: {choice: [1, 2], prior: {around: 1, within: 1}}"),
      "study.yaml:7:30: `space.x.prior` must be {weights: {...}} for choice and ordinal",
    ],
    [
      "a weight for something that is not a value",
      param("x: {choice: [adam, sgd], prior: {weights: {adm: 2}}}"),
      'study.yaml:7:35: `space.x` the prior of "x" weighs "adm", which is not one of its values',
    ],
    [
      "nothing to choose from",
      param("x: {choice: []}"),
      "study.yaml:7:15: `space.x.choice` must not be empty",
    ],
    ["a value twice", param("x: {choice: [1, 1]}"), "study.yaml:7:15: `space.x` choice: 1 is listed twice"],
    [
      "a number in quotes",
      param('x: {float: ["1e-4", 1]}'),
      'study.yaml:7:15: `space.x.float.0` must be a number, but is the text "1e-4"',
    ],
    [
      "a list as a param",
      param("x: [1, 2]"),
      "study.yaml:7:6: `space.x` must be a number or text or true or false or a mapping, but is a list",
    ],
    [
      "an empty param",
      param("x:"),
      "study.yaml:7:5: `space.x` must be a number or text or true or false or a mapping, but is empty",
    ],
    [
      "not a number",
      param("x: {float: [.nan, 1]}"),
      "study.yaml:7:15: `space.x.float.0` must be a number, but is NaN",
    ],
    [
      "a name that no command line takes",
      param("2x: {float: [0, 1]}"),
      'study.yaml:5:3: `space` "2x" cannot be the name of a param',
    ],
    [
      "a name that objects have already",
      param("constructor: 3"),
      'study.yaml:7:3: `space.constructor` "constructor" cannot be the name of a param',
    ],
    [
      "a condition on an unknown param",
      param("x: {float: [0, 1], when: {bach: 16}}"),
      'study.yaml:7:29: `space.x.when` names "bach", which is not a param; did you mean "batch"?',
    ],
    [
      "a condition that never holds",
      param("x: {float: [0, 1], when: {batch: 17}}"),
      'study.yaml:5:3: `space` "x" can never be on: "batch" is never 17',
    ],
    [
      "an unknown key of a condition",
      param("x: {float: [0, 1], when: {lr: {mni: 1}}}"),
      'study.yaml:7:34: unknown key `space.x.when.lr.mni`; did you mean "min"?',
    ],
    [
      "a constraint on an unknown param",
      added("constraints: [lr < bach]"),
      'study.yaml:7:15: `constraints` "bach" is not a param; did you mean "batch"?',
    ],
    [
      "a constraint that is none",
      added("constraints:\n  - lr < 1\n  - lr +"),
      'study.yaml:9:5: `constraints` "lr +" cannot be read: Expected expression after + at character 4',
    ],
    [
      "a fraction of steps",
      added("maxSteps: 1.5"),
      "study.yaml:7:11: `maxSteps` must be a whole number, but is 1.5",
    ],
    ["no steps", added("maxSteps: 0"), "study.yaml:7:11: `maxSteps` must be above 0, but is 0"],
    ["a negative seed", added("seed: -1"), "study.yaml:7:7: `seed` must be at least 0, but is -1"],
    [
      "an unknown sampler",
      added("sampler: randm"),
      'study.yaml:7:10: `sampler` cannot be the text "randm"; did you mean "random"?',
    ],
    [
      "an unknown scheduler with options",
      added("scheduler: {medain: {}}"),
      'study.yaml:7:13: unknown key `scheduler.medain`; did you mean "median"?',
    ],
    [
      "an unknown option of a scheduler",
      added("scheduler: {median: {strtup: 3}}"),
      'study.yaml:7:22: unknown key `scheduler.median.strtup`; did you mean "startup"?',
    ],
    [
      "a scheduler that needs options",
      added("scheduler: combine"),
      "study.yaml:7:12: `scheduler` needs options: write {combine: {schedulers: ...}}",
    ],
    [
      "an unknown option of a combined scheduler",
      added("scheduler: {combine: {schedulers: [{threshold: {bond: 3}}, lcm]}}"),
      'study.yaml:7:49: unknown key `scheduler.combine.schedulers.0.threshold.bond`; did you mean "bound"?',
    ],
    [
      "an unknown combined scheduler",
      added("scheduler: {combine: {schedulers: [lcmm]}}"),
      'study.yaml:7:36: `scheduler.combine.schedulers.0` cannot be the text "lcmm"; did you mean "lcm"?',
    ],
    [
      "an option of the wrong kind",
      added("scheduler: {median: {startup: many}}"),
      'study.yaml:7:31: `scheduler.median.startup` must be a number, but is the text "many"',
    ],
    [
      "two samplers",
      added("sampler: {random: {}, grid: {}}"),
      "study.yaml:7:10: `sampler` must have only one of: random, grid",
    ],
    [
      "a time that is none",
      added("budget: {time: 4 hours}"),
      'study.yaml:7:16: `budget.time` must be seconds, or a duration such as 4h, 90m, 1h30m, 30s, but is the text "4 hours"',
    ],
    [
      "a pattern without a step",
      added("metrics: {pattern: 'loss (?<val_loss>.*)'}"),
      'study.yaml:7:20: `metrics.pattern` lacks the named group "step"',
    ],
    [
      "a pattern without the goal",
      added("metrics: {pattern: '(?<step>.) (?<loss>.*)'}"),
      'study.yaml:7:20: `metrics.pattern` lacks the named group "val_loss"',
    ],
    [
      "a step without a group",
      added("metrics: {pairs: {step: 'epoch', names: [val_loss]}}"),
      "study.yaml:7:25: `metrics.pairs.step` must have one group, the step, but has 0",
    ],
    [
      "pairs without the goal",
      added("metrics: {pairs: {step: '(.)', names: [loss]}}"),
      'study.yaml:7:39: `metrics.pairs.names` lacks "val_loss", the goal\'s metric',
    ],
    [
      "pairs without names",
      added("metrics: {pairs: {step: '(.)'}}"),
      "study.yaml:7:18: `metrics.pairs.names` is missing",
    ],
    [
      "params to try that are none",
      added("enqueue: [{lr: 0.1}, {bach: 16}]"),
      'study.yaml:7:23: `enqueue.1` sets "bach", which is not a param; did you mean "batch"?',
    ],
    [
      "params to try outside the space",
      added("enqueue: [{lr: 3}]"),
      'study.yaml:7:16: `enqueue.0` "lr" cannot be 3',
    ],
    [
      "an empty command",
      BASE.replace(/command: .*/, "command: []"),
      "study.yaml:3:10: `command` must not be empty",
    ],
    [
      "a command as text",
      BASE.replace(/command: .*/, "command: python3 train.py"),
      "study.yaml:3:10: `command` must be a list of the program and its arguments",
    ],
    [
      "a shell's command as a list",
      added("shell: true"),
      "study.yaml:3:10: `command` must be one line of text with `shell: true`",
    ],
    [
      "a goal both ways",
      BASE.replace("{minimize: val_loss}", "{minimize: a, maximize: b}"),
      "study.yaml:2:7: `goal` must have only one of: minimize, maximize",
    ],
    [
      "an end by worth without prices",
      added("budget: {until: worthwhile, price: 2/h}"),
      "study.yaml:7:10: `budget.until` needs `budget.value`",
    ],
    [
      "a price of nothing that is known",
      added("budget: {until: worthwhile, price: 2/week, value: 1}"),
      'study.yaml:7:36: `budget.price` must be a price such as 2.1/h, but is the text "2/week"',
    ],
    [
      "a value of nothing",
      added("budget: {until: worthwhile, price: 2, value: 0 per 1}"),
      "study.yaml:7:10: `budget.price` and `budget.value` must be above 0",
    ],
    [
      "one of several goals twice",
      BASE.replace("goal: {minimize: val_loss}", "goals: [{minimize: a}, {maximize: a}]"),
      'study.yaml:2:8: the goals name the metric "a" twice',
    ],
    [
      "a single one of several goals",
      BASE.replace("goal: {minimize: val_loss}", "goals: [{minimize: a}]"),
      "study.yaml:2:8: `goals` must have at least 2 entries, but has 1",
    ],
    [
      "a goal and several goals",
      `${BASE}goals: [{minimize: a}, {maximize: b}]\n`,
      "study.yaml:7:1: a study has either `goal` or `goals`",
    ],
    [
      "a report that counts for the second goal",
      BASE.replace("goal: {minimize: val_loss}", "goals: [{minimize: a}, {maximize: b, of: best}]"),
      "study.yaml:2:8: the goal b has `of`, which belongs to the first goal",
    ],
    [
      "a constraint on a metric without a comparison",
      added('constraints: {memory: "16"}'),
      'study.yaml:7:23: the constraint on metric "memory" is "16"',
    ],
    [
      "a constraint on a metric that is a number",
      added("constraints: {memory: 16}"),
      "study.yaml:7:23: `constraints.memory` must be text, but is 16",
    ],
    [
      "a constraint on a param written like one on a metric",
      added('constraints: [{lr: "<= 0.1"}]'),
      'study.yaml:7:16: `constraints` "lr" is a param, but the constraint is written like one on a metric',
    ],
    [
      "a goal of no direction",
      BASE.replace("{minimize: val_loss}", "{minimise: a}"),
      'study.yaml:2:8: unknown key `goal.minimise`; did you mean "minimize"?',
    ],
    [
      "a goal without a metric",
      BASE.replace("{minimize: val_loss}", "{}"),
      "study.yaml:2:7: `goal` must have one of: minimize, maximize",
    ],
    [
      "a name with blanks",
      BASE.replace("mnist-mlp", "my study"),
      'study.yaml:1:8: `study` must be at most 128 letters, digits, `.`, `_` and `-`, and not begin with `.` or `-`, but is the text "my study"',
    ],
    [
      "a name that leads out of its folder",
      BASE.replace("mnist-mlp", ".."),
      'study.yaml:1:8: `study` must be at most 128 letters, digits, `.`, `_` and `-`, and not begin with `.` or `-`, but is the text ".."',
    ],
    [
      "a number as the name",
      BASE.replace("mnist-mlp", "2024"),
      "study.yaml:1:8: `study` must be text, but is 2024",
    ],
    ["no goal", BASE.replace(/goal: .*\n/, ""), "study.yaml:1:1: `goal` is missing"],
    ["no space", BASE.slice(0, BASE.indexOf("space")), "study.yaml:1:1: `space` is missing"],
    [
      "an empty space",
      `${BASE.slice(0, BASE.indexOf("space"))}space: {}\n`,
      "study.yaml:4:8: `space` the search space is empty",
    ],
    ["a key twice", added("seed: 1\nseed: 2"), "study.yaml:8:1: Map keys must be unique"],
    [
      "broken YAML",
      added("budget: {trials: 3"),
      "study.yaml:8:1: Flow map in block collection must be sufficiently indented and end with a }",
    ],
    ["a list as the file", "- 1\n", "study.yaml:1:1: the file must be a mapping with the key `study`"],
    ["an empty file", "# nothing\n", "study.yaml:1:1: the file is empty"],
  ])("%s", (_name, text, message) => {
    const { code, lines } = errorOf(text);
    expect(code).toBe("CONFIG_INVALID");
    expect(lines).toEqual([message]);
  });

  it("tells several at once, in the file's order", () => {
    expect(errorOf("study: a b\nsed: 1\nspace: {x: {int: [1]}}\n").lines).toEqual([
      "study.yaml:1:1: `goal` is missing",
      'study.yaml:1:8: `study` must be at most 128 letters, digits, `.`, `_` and `-`, and not begin with `.` or `-`, but is the text "a b"',
      'study.yaml:2:1: unknown key `sed`; did you mean "seed"?',
      "study.yaml:3:18: `space.x.int` must have at least 2 entries, but has 1",
    ]);
  });

  it("gives a hint", () => {
    expect(errorOf(param('x: {float: ["1e-4", 1]}')).hint).toBe("Write 1e-4 without quotes.");
    expect(errorOf(BASE.replace("mnist-mlp", "2024")).hint).toBe('Write "2024" in quotes.');
    expect(errorOf(param("x: {float: [1, 0]}")).hint).toBe("Write float(0, 1).");
    expect(errorOf(added("maxStep: 3")).hint).toBe(
      "`curvewise schema` prints everything that the file may contain.",
    );
  });

  it("tells what a launcher says of the command, with its place", () => {
    const checkCommand = (_program: unknown, params: Space): void => {
      throw new CurvewiseError("COMMAND_INVALID", `not with ${Object.keys(params).join(", ")}`, {
        hint: "Do otherwise.",
      });
    };
    expect(errorOf(BASE, { command: checkCommand })).toEqual({
      code: "CONFIG_INVALID",
      lines: ["study.yaml:3:10: not with lr, batch"],
      hint: "Do otherwise.",
    });
  });
});

describe("loadStudy", () => {
  it("resolves the working folder against the file's", async () => {
    const folder = mkdtempSync(join(tmpdir(), "curvewise-config-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "study.yaml");
    writeFileSync(file, `${BASE}folder: ../x\n`);
    expect((await loadStudy(file)).definition.program?.folder).toBe(join(folder, "../x"));
  });

  it("may leave the training to workers, and then has nothing to say about a command", () => {
    const text = "study: s\ngoal: {minimize: x}\nspace: {x: {int: [1, 2]}}\n";
    expect(parseStudy(text, place).definition).not.toHaveProperty("program");
    expect(errorOf(`${text}env: {A: b}\nshell: true\n`).lines).toEqual([
      "study.yaml:4:1: `env` is about the command, but the study names none",
      "study.yaml:5:1: `shell` is about the command, but the study names none",
    ]);
  });

  it("says that a file is missing", async () => {
    await expect(loadStudy("/nowhere/study.yaml")).rejects.toMatchObject({
      code: "CONFIG_NOT_FOUND",
      message: "there is no file /nowhere/study.yaml",
    });
  });
});

it("refuses names in study.yaml that would vanish", () => {
  for (const [text, line, column] of [
    [`${BASE}  __proto__: {float: [0, 1]}\n`, BASE.split("\n").length, 3],
    [`enqueue: [{"__proto__": 0.5}]\n${BASE}`, 1, 12],
  ] as const) {
    expect(() => parseStudy(text, place)).toThrow(`study.yaml:${line}:${column}`);
    expect(() => parseStudy(text, place)).toThrow("nothing can have the name __proto__");
  }
});
