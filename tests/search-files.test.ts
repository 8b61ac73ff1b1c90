import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { curvewise } from "./support/command-in-process.js";
import { temporaryFolder } from "./support/command-line.js";

const SEARCHES = join(import.meta.dirname, "interop", "searches");

/** The study file that a search becomes, and what is said about it. */
async function studyOf(name: string, folder = temporaryFolder()) {
  copyFileSync(join(SEARCHES, name), join(folder, name));
  const { code, stdout, stderr } = await curvewise(folder, "init", "--from", name);
  expect({ code, stderr }).toEqual({ code: 0, stderr });
  expect(stdout).toContain("Written: study.yaml");
  expect(stderr).not.toContain("not complete yet");
  const text = readFileSync(join(folder, "study.yaml"), "utf8");
  const study: unknown = parse(text);
  return { study, text, stderr };
}

/** The study file that a text becomes, which is not a file of the examples, and what is said about it. */
async function studyOfText(text: string) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "search.yaml"), text);
  const { code, stderr } = await curvewise(folder, "init", "--from", "search.yaml");
  expect({ code, stderr }).toEqual({ code: 0, stderr });
  const study: unknown = parse(readFileSync(join(folder, "study.yaml"), "utf8"));
  return { study, stderr };
}

/** How a text that is not a file of the examples is refused. */
async function refusalOf(text: string, ...options: readonly string[]): Promise<string[]> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "search.yaml"), text);
  const { code, stdout, stderr } = await curvewise(folder, "init", "--from", "search.yaml", ...options);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(existsSync(join(folder, "study.yaml"))).toBe(false);
  return stderr.trimEnd().split("\n");
}

describe("a study file", () => {
  it("is written from a sweep of W&B", async () => {
    const { study, stderr } = await studyOf("wandb.yaml");
    expect(study).toEqual({
      study: "digits-sweep",
      goal: { minimize: "val/loss" },
      command: ["python3", "-m", "curvewise.compat", "--as", "wandb", "train.py", "--verbose", "${args}"],
      space: {
        lr: { float: [1e-5, 0.1], log: true },
        log_decay: { float: [1e-4, 0.1], log: true },
        momentum: { float: [0.5, 0.99] },
        layers: { int: [1, 6] },
        dropout: { float: [0.1, 0.5], step: 0.1 },
        batch_size: { ordinal: [32, 64, 128] },
        optimizer: { choice: ["sgd", "adam"] },
        width: { int: [16, 512], log: true },
        "model.depth": { choice: [18, 50] },
        "model.pretrained": { fixed: true },
        epochs: { fixed: 27 },
      },
      maxSteps: 27,
      sampler: "gp",
      scheduler: { asha: { type: "stopping", minSteps: 3, eta: 3 } },
      budget: { trials: 40 },
    });
    expect(stderr).not.toContain("has no counterpart");
  });

  it("is written from an experiment of NNI", async () => {
    const { study, stderr } = await studyOf("nni.yaml");
    expect(study).toEqual({
      study: "mnist_pytorch",
      goal: { maximize: "default" },
      command: ["python3", "-m", "curvewise.compat", "mnist.py", "--data", "./data"],
      space: {
        lr: { float: [1e-4, 0.1], log: true },
        momentum: { float: [0, 1] },
        hidden_size: { int: [128, 1024] },
        batch_size: { ordinal: [16, 32, 64] },
        dropout: { float: [0.1, 0.5], step: 0.1 },
        units: { int: [8, 256], log: true },
        layer: { choice: ["Empty", "Conv", "Pool"] },
        "layer.kernel": { ordinal: [1, 2, 3, 5], when: { layer: "Conv" } },
        "layer.size": { int: [2, 3], when: { layer: "Pool" } },
      },
      sampler: "tpe",
      scheduler: "median",
      budget: { trials: 50, time: 86_400 },
      workers: 4,
    });
    expect(stderr).not.toContain("has no counterpart");
  });

  it("is written from a search space of NNI, alone or named by an experiment", async () => {
    const space = {
      dropout_rate: { float: [0.1, 0.5] },
      conv_size: { ordinal: [2, 3, 5, 7] },
      learning_rate: { float: [1e-5, 0.1], log: true },
    };
    const folder = temporaryFolder();
    const { study } = await studyOf("nni-space.json", folder);
    expect(study).toMatchObject({ study: "nni-space", space, goal: { minimize: "default" } });
    writeFileSync(
      join(folder, "config.yml"),
      "search_space_file: nni-space.json\ntrial_command: cd src && python3 train.py\ntrial_concurrency: 1\ntuner: {name: Random}\n",
    );
    const { code } = await curvewise(folder, "init", "other", "--from", "config.yml");
    expect(code).toBe(0);
    expect(parse(readFileSync(join(folder, "other", "study.yaml"), "utf8"))).toEqual({
      study: "config",
      goal: { maximize: "default" },
      command: "cd src && python3 -m curvewise.compat train.py",
      shell: true,
      space,
      sampler: "random",
      workers: 1,
    });
  });

  it("is written from an Experiment of Katib", async () => {
    const { study } = await studyOf("katib.yaml");
    expect(study).toEqual({
      study: "random-search",
      goal: { maximize: "Validation-accuracy" },
      command: ["python3", "/opt/mnist/mnist.py", "--epochs=10", "--lr={lr}", "--num-layers={num-layers}"],
      space: {
        lr: { float: [0.01, 0.03] },
        "weight-decay": { float: [1e-5, 1e-2], log: true },
        momentum: { float: [0.5, 0.9], step: 0.1 },
        "num-layers": { int: [2, 5] },
        width: { int: [8, 64], step: 8 },
        "batch-size": { ordinal: [16, 32, 64] },
        optimizer: { choice: ["sgd", "adam", "ftrl"] },
      },
      sampler: "random",
      scheduler: { median: { startup: 2, warmup: 5 } },
      budget: { trials: 12, target: 0.99 },
      workers: 3,
    });
  });

  it("calls params in the command of a Katib Experiment as in its space, and leaves other braces alone", async () => {
    const { study, stderr } = await studyOfText(`apiVersion: kubeflow.org/v1beta1
kind: Experiment
spec:
  objective: {type: minimize, objectiveMetricName: loss}
  parameters:
    - {name: learning rate, parameterType: double, feasibleSpace: {min: "0.1", max: "1"}}
  trialTemplate:
    trialParameters: [{name: rate, reference: learning rate}]
    trialSpec:
      containers:
        - command: [python3, train.py, '--lr=\${trialParameters.rate}', '--options={"a": 1}']
`);
    expect(study).toMatchObject({
      command: ["python3", "train.py", "--lr={learning_rate}", '--options={{"a": 1}}'],
      space: { learning_rate: { float: [0.1, 1] } },
    });
    expect(stderr).not.toContain("not complete yet");
  });

  it.each([
    [
      "tuner",
      "{trialCommand: train, searchSpace: {x: {_type: uniform, _value: [0, 1]}}, tuner: {name: constructor}}",
    ],
    ["algorithm", "{experiment: {algorithm: constructor}, x: 'orion~uniform(0, 1)'}"],
  ])("has the default sampler where the %s is called like a part of all objects", async (what, text) => {
    const { study, stderr } = await studyOfText(text);
    expect(study).not.toHaveProperty("sampler");
    expect(stderr).toContain(`The ${what} constructor has no counterpart`);
  });

  const katib = (name: string): string =>
    `{kind: Experiment, apiVersion: kubeflow.org/v1beta1, metadata: {name: k}, spec: {objective: {type: minimize, objectiveMetricName: loss}, algorithm: {algorithmName: ${name}}, parameters: [{name: x, parameterType: double, feasibleSpace: {min: "0", max: "1"}}]}}`;
  const nni = (name: string): string =>
    `{trialCommand: train, searchSpace: {x: {_type: uniform, _value: [0, 1]}}, tuner: {name: ${name}}}`;
  const hydra = (name: string): string =>
    `{hydra: {sweeper: {_target_: hydra_plugins.hydra_optuna_sweeper.optuna_sweeper.OptunaSweeper, sampler: {_target_: optuna.samplers.${name}}, params: {x: "interval(0, 1)"}}}}`;
  it.each([
    ["Katib's bayesianoptimization", katib("bayesianoptimization"), "gp"],
    ["Katib's cmaes", katib("cmaes"), "cmaes"],
    ["NNI's SMAC", nni("SMAC"), "forest"],
    ["NNI's GP", nni("GP"), "gp"],
    ["Hydra's CmaEsSampler", hydra("CmaEsSampler"), "cmaes"],
    ["Hydra's NSGAIISampler", hydra("NSGAIISampler"), "nsga2"],
    ["Orion's TPE", "{experiment: {algorithm: TPE}, x: 'orion~uniform(0, 1)'}", "tpe"],
  ])("has the same sampler as %s", async (_what, text, sampler) => {
    const { study, stderr } = await studyOfText(text);
    expect(study).toHaveProperty("sampler", sampler);
    expect(stderr).not.toContain("has no counterpart");
  });

  it("is checked like one that people wrote, its command too", async () => {
    const { stderr } = await studyOfText(
      "{method: random, parameters: {x: {min: 0, max: 1}}, command: [python3, train.py, '--y={y}']}",
    );
    expect(stderr).toMatch(/study\.yaml is not complete yet: .*\by\b/);
  });

  it("has real numbers in params of a sweep that are called by numbers", async () => {
    const { study } = await studyOfText(
      "{method: random, parameters: {1: {min: 0.0, max: 1.0}, 2: {min: 0, max: 4}, 2.5: {min: 0.0, max: 4}}}",
    );
    expect(study).toMatchObject({
      space: { _1: { float: [0, 1] }, _2: { int: [0, 4] }, "_2.5": { float: [0, 4] } },
    });
  });

  it("is written from a sweep in a config of Hydra", async () => {
    const { study } = await studyOf("hydra.yaml");
    expect(study).toEqual({
      study: "sphere",
      goal: { maximize: "value" },
      command: ["python3", "-m", "curvewise.compat", "app.py"],
      space: {
        x: { float: [-5.5, 5.5] },
        y: { ordinal: [-5, 0, 5] },
        "model.lr": { float: [1e-5, 0.1], log: true },
        "model.layers": { int: [1, 9], step: 2 },
        "model.width": { int: [8, 64] },
        optimizer: { choice: ["sgd", "adam", "rms prop"] },
        dropout: { float: [0, 0.5], step: 0.25 },
        epochs: { fixed: 30 },
      },
      sampler: "tpe",
      budget: { trials: 20 },
      workers: 2,
    });
  });

  it("is written from a config that Orion fills in", async () => {
    const { study, stderr } = await studyOf("orion.yaml");
    expect(study).toEqual({
      study: "resnet",
      goal: { minimize: "objective" },
      command: ["python3", "-m", "curvewise.compat", "train.py", "${args}"],
      space: {
        "model.lr": { float: [1e-5, 1], log: true },
        "model.depth": { int: [1, 6] },
        "model.width": { int: [8, 256], log: true },
        "model.dropout": { float: [0, 0.5] },
        optimizer: { choice: ["sgd", "adam", 3, null] },
        mixup: { choice: ["on", "off"] },
      },
      maxSteps: 64,
      sampler: "random",
      scheduler: { asha: { minSteps: 1, eta: 4 } },
      budget: { trials: 30 },
      workers: 3,
    });
    expect(stderr).toContain("The probabilities of `mixup` are left out");
  });

  it("has real numbers where those of a sweep of W&B are floats in Python", async () => {
    const { study } = await studyOfText(`method: random
parameters:
  lr: {min: 0.0, max: 1.0}
  layers: {min: 1, max: 4}
  mixed: {min: 0, max: 2.0}
  nested: {parameters: {decay: {min: 0, max: 1e0}}}
  width: {distribution: q_uniform, min: 0, max: 8, q: 2}
  rate: {distribution: q_uniform, min: 0, max: 8, q: 2.0}
  base: &base {min: 0.0, max: 1}
  merged: {<<: *base, max: 4}
  alias: *base
`);
    expect(study).toMatchObject({
      space: {
        lr: { float: [0, 1] },
        layers: { int: [1, 4] },
        mixed: { float: [0, 2] },
        "nested.decay": { float: [0, 1] },
        width: { int: [0, 8], step: 2 },
        rate: { float: [0, 8], step: 2 },
        base: { float: [0, 1] },
        merged: { float: [0, 4] },
        alias: { float: [0, 1] },
      },
    });
  });

  it("never replaces one that is there", async () => {
    const folder = temporaryFolder();
    await studyOf("wandb.yaml", folder);
    const { code, stderr } = await curvewise(folder, "init", "--from", "wandb.yaml");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        "error FILE_EXISTS: study.yaml would be overwritten\nhint: Name another folder: curvewise init my-study.\n",
    });
  });
});

const sweep = (param: string): string => `{method: random, parameters: {x: ${param}}}`;
const nni = (param: string): string => `{searchSpace: {x: ${param}}}`;
const katib = (space: string): string =>
  `{apiVersion: kubeflow.org/v1beta1, kind: Experiment, spec: {objective: {type: minimize, objectiveMetricName: l}, parameters: [{name: x, parameterType: double, feasibleSpace: ${space}}]}}`;
const hydra = (sweepText: string): string => `{hydra: {sweeper: {params: {x: "${sweepText}"}}}}`;

describe("what has no counterpart is refused with what to write instead", () => {
  it.each([
    [
      sweep("{distribution: normal, mu: 1, sigma: 2}"),
      "`parameters.x` is normal, which has no ends; here every range has two",
      "Nearly all of its values are in `uniform` -5 to 7: use that range.",
    ],
    [
      sweep("{values: [1, 2], probabilities: [0.1, 0.9]}"),
      "`parameters.x` has probabilities",
      "All values are equally likely here: leave `probabilities` out.",
    ],
    [
      sweep("{distribution: beta, min: 0, max: 1}"),
      "`parameters.x` has the distribution beta",
      "Write the range or the values that you mean.",
    ],
    [
      sweep("{distribution: log_uniform_values, min: 0, max: 1}"),
      "`parameters.x` is logarithmic from 0",
      "A logarithmic range begins above zero: raise its lower end.",
    ],
    [
      sweep("{distribution: q_log_uniform_values, min: 1, max: 9, q: 2}"),
      "`parameters.x` is logarithmic with steps of 2",
      "Write `ordinal` with the values that you mean, or leave the steps out and round in the program.",
    ],
    [
      nni("{_type: qlognormal, _value: [0, 1, 1]}"),
      "`searchSpace.x` is qlognormal, which has no ends; here every range has two",
      "Nearly all of its values are in `loguniform` 0.04979 to 20.09: use that range.",
    ],
    [
      nni("{_type: uniform, _value: [1]}"),
      "`searchSpace.x` is uniform of 1 numbers",
      "Give 2 numbers in `_value`.",
    ],
    [
      "{authorName: me, searchSpacePath: space.json, trialConcurrency: 1}",
      "`authorName` is of NNI 1",
      "Give the search space's JSON file instead, or write the experiment as NNI 2 and 3 have it.",
    ],
    [
      katib('{min: "1", max: "7", distribution: normal}'),
      "`spec.parameters (x)` is normal, which has no ends; here every range has two",
      "Nearly all of its values are in `uniform` 1 to 7: use that range.",
    ],
    [
      hydra("glob(*)"),
      "`hydra.sweeper.params.x` is glob(...), which has no counterpart here",
      "Write interval, range or choice.",
    ],
    [
      "{hydra: {sweeper: {direction: [minimize, maximize], params: {x: 'interval(0, 1)'}}}}",
      "`hydra.sweeper.direction` names 2 goals",
      "Name the one to tune for.",
    ],
    [
      "x: orion~uniform(0, 1, shape=3)",
      "`x` has a shape",
      "Params are single values here: give each element a param of its own.",
    ],
    [
      "x: orion~poisson(3)",
      "`x` is poisson, which has no counterpart here",
      "Write uniform, loguniform, or choices with the values that you mean.",
    ],
  ])("%s", async (text, problem, hint) => {
    expect(await refusalOf(text)).toEqual([
      `error IMPORT_UNSUPPORTED: search.yaml: ${problem}`,
      `hint: ${hint}`,
    ]);
  });

  it("as is a file that no tool has written", async () => {
    expect(await refusalOf("lr: 1")).toEqual([
      "error SEARCH_UNKNOWN: search.yaml does not tell which tool it is for",
      "hint: Name it with --tool: wandb, nni, katib, hydra, orion.",
    ]);
    expect((await refusalOf("a: [1"))[0]).toMatch(
      /^error IMPORT_INVALID: search\.yaml: it is neither YAML nor JSON/,
    );
    expect(await refusalOf("lr: 1", "--tool", "katib")).toEqual([
      "error IMPORT_INVALID: search.yaml: `spec`: Invalid input: expected object, received undefined",
      "hint: Check the file with the tool that it is for, or correct it there.",
    ]);
  });

  it.each([
    [
      "{method: random, parameters: {a.b: {value: 1}, a: {parameters: {b: {value: 2}}}}}",
      '`parameters` has two params called "a.b"',
    ],
    [
      "{hydra: {sweeper: {params: {x: 'interval(0, 1)', +x: 'interval(0, 2)'}}}}",
      '`hydra.sweeper.params` has two params called "x"',
    ],
  ])("as is a file with two params of one name: %s", async (text, problem) => {
    expect(await refusalOf(text)).toEqual([
      `error IMPORT_UNSUPPORTED: search.yaml: ${problem}`,
      "hint: Give one of them another name.",
    ]);
  });

  it("as is a file whose aliases stand for far too much", async () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const inner = level === 0 ? "x" : `*l${level - 1}`;
      return `l${level}: &l${level} [${Array.from({ length: 10 }, () => inner).join(", ")}]`;
    });
    expect((await refusalOf(levels.join("\n")))[0]).toMatch(
      /^error IMPORT_INVALID: search\.yaml: it cannot be read: Excessive alias count/,
    );
    expect((await refusalOf("a: *b"))[0]).toMatch(/^error IMPORT_INVALID: search\.yaml: it /);
  });

  it("as is a file whose parts are too deep in each other", async () => {
    const deep = 20_000;
    expect((await refusalOf(hydra(`${"choice(".repeat(deep)}1${")".repeat(deep)}`)))[0]).toBe(
      "error IMPORT_UNSUPPORTED: search.yaml: `hydra.sweeper.params.x` has more than 100 brackets in each other",
    );
    expect((await refusalOf(`${"[".repeat(deep)}${"]".repeat(deep)}`))[0]).toMatch(
      /^error IMPORT_INVALID: search\.yaml: it/,
    );
  });

  it("as are options that would have no effect", async () => {
    const folder = temporaryFolder();
    copyFileSync(join(SEARCHES, "wandb.yaml"), join(folder, "wandb.yaml"));
    const tool = await curvewise(folder, "init", "--tool", "nni");
    expect({ ...tool, stdout: "" }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--tool is only for --from"),
    });
    const language = await curvewise(folder, "init", "--from", "wandb.yaml", "--language", "node");
    expect(language).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--language does not apply to --from"),
    });
  });
});
