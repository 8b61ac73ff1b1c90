import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { curvewise } from "./support/command-in-process.js";
import { temporaryFolder } from "./support/command-line.js";
import { runProgram } from "./support/run-program.js";

/** What programs printed, byte by byte. */
const LOGS = resolve(import.meta.dirname, "formats");

/** A report on a line. */
const reportLine = z.strictObject({
  step: z.int(),
  metrics: z.record(z.string(), z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])])),
});

/** A study file whose program is not run. @param rest further lines of it */
function studyFile(goal: string, rest: string): string {
  const folder = temporaryFolder();
  const text = `study: read
goal: {minimize: ${JSON.stringify(goal)}}
command: [program]
space: {x: {float: [0, 1]}}
${rest}
`;
  writeFileSync(join(folder, "study.yaml"), text);
  return folder;
}

/** What `curvewise check --output` reads from a log. */
async function readLog(log: string, goal: string, rest: string) {
  const folder = studyFile(goal, rest);
  const { stdout, stderr, code } = await curvewise(
    folder,
    "check",
    "study.yaml",
    "--output",
    resolve(LOGS, log),
    "--json",
  );
  const lines = stdout.split("\n").filter((line) => line !== "");
  return { reports: lines.map((line) => reportLine.parse(JSON.parse(line))), stderr, code };
}

const report = (step: number, metrics: Readonly<Record<string, number>>) => ({ step, metrics });

/** These reports, and nothing told besides. */
const fine = (reports: readonly ReturnType<typeof report>[]) => ({ reports, stderr: "", code: 0 });

// The values are copied by hand from the logs.
describe("ready-made formats", () => {
  const keras = [
    report(1, { loss: 1.9021, accuracy: 0.325, val_loss: 1.5012, val_accuracy: 0.552 }),
    report(2, { loss: 1.2021, accuracy: 0.625, val_loss: 1.0012, val_accuracy: 0.752 }),
  ];
  it("keras: the bar", async () => {
    expect(await readLog("keras2.out", "val_loss", "metrics: keras")).toEqual(fine(keras));
  });
  it("keras: a line for each epoch", async () => {
    expect(await readLog("keras_v2.out", "val_loss", "metrics: keras")).toEqual(fine(keras));
  });

  const keras3 = [
    report(1, { accuracy: 0.5133, loss: 0.795, val_accuracy: 0.47, val_loss: 0.789 }),
    report(2, { accuracy: 0.52, loss: 0.7822, val_accuracy: 0.47, val_loss: 0.7791 }),
    report(3, { accuracy: 0.5267, loss: 0.7705, val_accuracy: 0.4733, val_loss: 0.7703 }),
  ];
  it("keras: the bar of 3.15, which goes back by returns and backspaces, and is drawn again by `evaluate`", async () => {
    expect(await readLog("keras3.out", "val_loss", "metrics: keras")).toEqual(fine(keras3));
  });
  it("keras: a line for each epoch of 3.15", async () => {
    expect(await readLog("keras3_v2.out", "val_loss", "metrics: keras")).toEqual(fine(keras3));
  });

  it("lightning-csv: several rows of an epoch, with a column that came later", async () => {
    const { reports, stderr, code } = await readLog(
      "lit_metrics.csv",
      "val_loss",
      'metrics: {file: "{dir}/metrics.csv", format: lightning-csv}',
    );
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    expect(reports).toEqual([
      report(1, { train_loss: 0.7420734763145447, val_loss: 0.6994301080703735 }),
      report(2, { train_loss: 0.70164555311203, val_loss: 0.6769172549247742, extra: 1.5 }),
      report(3, { train_loss: 0.6920841336250305, val_loss: 0.6642064452171326 }),
    ]);
  });

  it("tensorboard: the scalars of PyTorch's writer among texts and histograms", async () => {
    const { reports, stderr, code } = await readLog(
      "tensorboard-torch.tfevents",
      "train/loss",
      "metrics: tensorboard",
    );
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    // In single precision.
    const third = Math.fround(1 / 3);
    expect(reports).toEqual([
      report(1, { "train/loss": 1, "val/acc": 0.25 }),
      report(2, { "train/loss": 0.5, "val/acc": 0.5 }),
      report(3, { "train/loss": third, "val/acc": 0.75 }),
      { step: 4, metrics: { "train/loss": "NaN" } },
      { step: 5, metrics: { "train/loss": "Infinity", "val/acc": 0.875 } },
    ]);
  });
  it("tensorboard: the tensors of TensorFlow's writer, whose first step is 0", async () => {
    expect(
      await readLog("tensorboard-tf.tfevents", "epoch_loss", "metrics: tensorboard\nfirstStep: 0"),
    ).toEqual(
      fine([
        report(1, { epoch_loss: 0.75, epoch_accuracy: 0.25 }),
        report(2, { epoch_loss: 0.1, epoch_accuracy: 0.3, count: 7, n: -5 }),
        report(4, { epoch_loss: 0.5 }),
      ]),
    );
  });
  it("tensorboard: tags that cannot be metrics, beside one that can", async () => {
    expect(await readLog("tensorboard-odd.tfevents", "loss", "metrics: tensorboard")).toEqual(
      fine([report(1, { loss: 0.5 }), report(2, { loss: 0.25 })]),
    );
  });
  it("tensorboard: another file, and one with a broken record", async () => {
    const other = await readLog("lit_metrics.csv", "loss", "metrics: tensorboard");
    expect(other.reports).toEqual([]);
    expect(other.stderr).toContain("is not an event file of TensorBoard, or is broken");
    const broken = readFileSync(resolve(LOGS, "tensorboard-torch.tfevents"));
    broken[broken.length - 8] = 0xff;
    const path = join(temporaryFolder(), "broken.tfevents");
    writeFileSync(path, broken);
    const { reports, stderr } = await readLog(path, "train/loss", "metrics: tensorboard");
    expect(reports).toHaveLength(5);
    expect(reports.at(-1)?.metrics).toEqual({ "train/loss": "Infinity" });
    expect(stderr).toContain("is not an event file of TensorBoard, or is broken");
  });

  it("lightning: epochs count from 0", async () => {
    expect(await readLog("lit.out", "val_loss", "metrics: lightning")).toEqual(
      fine([report(2, { val_loss: 2.162, train_loss: 2.217 })]),
    );
  });

  it("huggingface: each evaluation is a step, with what was printed of the training before it", async () => {
    expect(await readLog("hf.out", "eval_loss", "metrics: huggingface")).toEqual(
      fine([
        report(1, {
          loss: 0.6871,
          grad_norm: 2.1,
          learning_rate: 4.5e-5,
          eval_loss: 0.6012,
          eval_accuracy: 0.71,
          eval_runtime: 1.2,
          eval_samples_per_second: 100,
          eval_steps_per_second: 12.5,
          epoch: 1,
        }),
        report(2, {
          loss: 0.5871,
          grad_norm: 2.1,
          learning_rate: 4e-5,
          eval_loss: 0.5012,
          eval_accuracy: 0.81,
          eval_runtime: 1.2,
          eval_samples_per_second: 100,
          eval_steps_per_second: 12.5,
          epoch: 2,
        }),
      ]),
    );
  });
  it("huggingface: numbers in quotes, as 5.24 prints them", async () => {
    const { reports, stderr, code } = await readLog("hf5.out", "eval_loss", "metrics: huggingface");
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    expect(reports.map(({ step, metrics }) => [step, metrics["loss"], metrics["eval_loss"]])).toEqual([
      [1, 0.7711, 0.755],
      [2, 0.7982, 0.7548],
      [3, 0.7383, 0.7547],
    ]);
    expect(reports[2]?.metrics).toMatchObject({ learning_rate: 2.778e-6, eval_accuracy: 0.37, epoch: 3 });
  });
  it("huggingface: or every half of an epoch is one", async () => {
    const { reports, code } = await readLog("hf.out", "loss", "metrics: {format: huggingface, every: 0.5}");
    expect(code).toBe(0);
    expect(reports.map(({ step, metrics }) => [step, metrics["epoch"], metrics["loss"]])).toEqual([
      [1, 0.5, 0.6871],
      [2, 1, undefined],
      [3, 1.5, 0.5871],
      [4, 2, undefined],
    ]);
  });

  it("xgboost: round 0 is step 1", async () => {
    const { reports, stderr, code } = await readLog("xgb.out", "validation-mlogloss", "metrics: xgboost");
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    expect(reports.map(({ step }) => step)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect(reports[0]?.metrics).toEqual({
      "train-mlogloss": 1.24492,
      "train-merror": 0.03415,
      "validation-mlogloss": 1.36958,
      "validation-merror": 0.14444,
    });
    expect(reports[29]?.metrics).toEqual({
      "train-mlogloss": 0.01028,
      "train-merror": 0,
      "validation-mlogloss": 0.16114,
      "validation-merror": 0.04889,
    });
  });

  it("xgboost: with early stopping, as 3.2 prints it", async () => {
    const { reports, stderr, code } = await readLog(
      "xgb_early.out",
      "validation-logloss",
      "metrics: xgboost",
    );
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    expect(reports).toHaveLength(10);
    expect(reports[9]?.metrics).toEqual({
      "train-logloss": 0.21293,
      "train-error": 0.03333,
      "validation-logloss": 0.4358,
      "validation-error": 0.16667,
    });
  });
  it("lightgbm: with early stopping, as 4.7 prints it", async () => {
    const { reports, stderr, code } = await readLog("lgb_early.out", "valid_1's auc", "metrics: lightgbm");
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    expect(reports.map(({ step, metrics }) => [step, metrics["valid_1's auc"]])).toEqual([
      [1, 0.843862],
      [2, 0.811607],
      [3, 0.813237],
    ]);
  });

  it("lightgbm: names with quotes and spaces", async () => {
    const { reports, stderr, code } = await readLog("lgb.out", "valid_1's multi_error", "metrics: lightgbm");
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    expect(reports.map(({ step }) => step)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect(reports[0]?.metrics).toEqual({
      "training's multi_logloss": 1.6534,
      "training's multi_error": 0.0727543,
      "valid_1's multi_logloss": 1.72644,
      "valid_1's multi_error": 0.153333,
    });
    expect(reports[29]?.metrics).toEqual({
      "training's multi_logloss": 0.0193607,
      "training's multi_error": 0,
      "valid_1's multi_logloss": 0.169177,
      "valid_1's multi_error": 0.0488889,
    });
  });

  it("fastai: a table, epochs from 0", async () => {
    expect(await readLog("fastai.out", "valid_loss", "metrics: fastai")).toEqual(
      fine([
        report(1, { train_loss: 0.521243, valid_loss: 0.314512, accuracy: 0.913044 }),
        report(2, { train_loss: 0.323112, valid_loss: 0.274412, accuracy: 0.933222 }),
      ]),
    );
  });

  it("fastai: the table between its bars, as 2.8 prints it", async () => {
    expect(await readLog("fastai_bar.out", "valid_loss", "metrics: fastai")).toEqual(
      fine([
        report(1, { train_loss: 0.717234, valid_loss: 0.676838, accuracy: 0.56 }),
        report(2, { train_loss: 0.683879, valid_loss: 0.651114, accuracy: 0.58 }),
        report(3, { train_loss: 0.660428, valid_loss: 0.629432, accuracy: 0.596667 }),
      ]),
    );
  });
  it("fastai: lists, as 2.8 prints without bars", async () => {
    const { reports, stderr, code } = await readLog("fastai_list.out", "metric 1", "metrics: fastai");
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    expect(reports).toHaveLength(3);
    expect(reports[2]).toEqual(
      report(3, {
        train_loss: 0.6604280471801758,
        valid_loss: 0.629431962966919,
        "metric 1": 0.596666693687439,
      }),
    );
  });

  it("caffe: iterations as printed, but for 0", async () => {
    expect(await readLog("caffe.err", "accuracy", "metrics: caffe")).toEqual(
      fine([report(500, { accuracy: 0.9724, loss: 0.08341 })]),
    );
  });

  it("pytorch-examples: digits", async () => {
    expect(await readLog("pytorch_mnist.out", "Average loss", "metrics: pytorch-examples")).toEqual(
      fine([
        report(1, { Loss: 1.384441, "Average loss": 0.0466, Accuracy: 98.41 }),
        report(2, { Loss: 0.014441, "Average loss": 0.0367, Accuracy: 98.79 }),
      ]),
    );
  });
  it("pytorch-examples: images", async () => {
    expect(await readLog("imagenet.out", "Acc@1", "metrics: pytorch-examples")).toEqual(
      fine([
        report(1, {
          "train Loss": 7,
          "train Acc@1": 0.1,
          "train Acc@5": 0.5,
          "Acc@1": 12.34,
          "Acc@5": 30.1,
        }),
        report(2, {
          "train Loss": 6,
          "train Acc@1": 1.1,
          "train Acc@5": 2.5,
          "Acc@1": 22.34,
          "Acc@5": 40.1,
        }),
      ]),
    );
  });

  it("nanogpt: evaluations, but for that before the training", async () => {
    expect(await readLog("nanogpt.out", "val loss", "metrics: nanogpt")).toEqual(
      fine([report(250, { "train loss": 1.9662, "val loss": 2.0684 })]),
    );
  });

  it("sklearn: gradient boosting", async () => {
    expect(await readLog("sk_gb.out", "Train Loss", "metrics: sklearn")).toEqual(
      fine(
        [1.8283, 1.5766, 1.397, 1.2573, 1.1414, 1.0432].map((loss, index) =>
          report(index + 1, { "Train Loss": loss }),
        ),
      ),
    );
  });
  it("sklearn: a network", async () => {
    const { reports, stderr, code } = await readLog("sk_mlp.out", "Validation score", "metrics: sklearn");
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    expect(reports).toHaveLength(30);
    expect(reports[0]).toEqual(report(1, { loss: 2.39167127, "Validation score": 0.133333 }));
    expect(reports[29]).toEqual(report(30, { loss: 1.27191326, "Validation score": 0.748148 }));
  });
  it("sklearn: linear models", async () => {
    const { reports, stderr, code } = await readLog("sk_sgd.out", "Avg. loss", "metrics: sklearn");
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    expect(reports.map(({ step, metrics }) => [step, metrics["Avg. loss"]])).toEqual([
      [1, 1956.243902],
      [2, 806.075883],
      [3, 540.20918],
      [4, 436.414826],
    ]);
    expect(reports[3]?.metrics).toEqual({
      Norm: 1062.54,
      NNZs: 58,
      Bias: -48.937072,
      T: 7188,
      "Avg. loss": 436.414826,
      Objective: 503.539962,
    });
  });

  it("tqdm: the last value of each bar", async () => {
    const folder = studyFile("loss", "metrics: tqdm");
    const printed = await runProgram("python3", [resolve(LOGS, "tq.py")], { cwd: folder, env: {} });
    writeFileSync(join(folder, "tq.out"), printed);
    const { stdout: json, code } = await curvewise(
      folder,
      "check",
      "study.yaml",
      "--output",
      "tq.out",
      "--json",
    );
    expect(code).toBe(0);
    // (5 - 4) / e, with three decimals.
    expect(json).toBe(
      '{"step":1,"metrics":{"loss":1}}\n{"step":2,"metrics":{"loss":0.5}}\n{"step":3,"metrics":{"loss":0.333}}\n',
    );
  });
});

describe("patterns for everything else", () => {
  it("colours do not matter", async () => {
    expect(
      await readLog(
        "ansi.out",
        "loss",
        String.raw`metrics: {pattern: 'epoch (?<step>\d+) loss (?<loss>\S+)'}`,
      ),
    ).toEqual(fine([report(1, { loss: 0.5 })]));
  });

  it("a comma may be the decimal sign", async () => {
    expect(
      await readLog(
        "comma.out",
        "loss",
        String.raw`metrics: {pattern: 'epoch (?<step>\d+) loss (?<loss>\S+)', decimal: ","}`,
      ),
    ).toEqual(fine([report(1, { loss: 0.5312 }), report(2, { loss: 0.4312 })]));
  });

  it("several patterns on several lines, with the groups of Python", async () => {
    expect(
      await readLog(
        "keras2.out",
        "loss",
        String.raw`metrics: {patterns: ['Epoch (?P<step>\d+)/', ' loss: (?P<loss>\S+)'], take: last}`,
      ),
    ).toEqual(fine([report(1, { loss: 1.9021 }), report(2, { loss: 1.2021 })]));
  });
  it("the first value of a step counts if the last is not asked for", async () => {
    expect(
      await readLog(
        "keras2.out",
        "accuracy",
        String.raw`metrics: {patterns: ['Epoch (?<step>\d+)/', ' accuracy: (?<accuracy>[\d.]+)']}`,
      ),
    ).toEqual(fine([report(1, { accuracy: 0.125 }), report(2, { accuracy: 0.625 })]));
  });

  it("percent is the number as printed", async () => {
    expect(
      await readLog(
        "pytorch_mnist.out",
        "acc",
        String.raw`metrics: {patterns: ['Train Epoch: (?<step>\d+)', 'Accuracy: \S+ \((?<acc>\S+)']}`,
      ),
    ).toEqual(fine([report(1, { acc: 98 }), report(2, { acc: 99 })]));
  });
});

describe("curvewise check --output", () => {
  it("shows a table to people", async () => {
    const folder = studyFile("val loss", "metrics: nanogpt");
    const { stdout, code } = await curvewise(
      folder,
      "check",
      "study.yaml",
      "--output",
      resolve(LOGS, "nanogpt.out"),
    );
    expect(stdout.split("\n").map((line) => line.trim().split(/\s{2,}/))).toEqual([
      ["step", "train loss", "val loss"],
      ["250", "1.9662", "2.0684"],
      [""],
    ]);
    expect(code).toBe(0);
  });

  it("shows the first lines of a log in which nothing is found, and fails", async () => {
    const { reports, stderr, code } = await readLog("lit.err", "loss", "metrics: keras");
    expect(reports).toEqual([]);
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: "NOTHING_READ", hint: expect.stringContaining("Seed set to 0") },
    });
  });

  it("fails if no report has the goal's metric, and names the nearest", async () => {
    const { reports, stderr, code } = await readLog("keras_v2.out", "val_los", "metrics: keras");
    expect(reports).toHaveLength(2);
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: "METRIC_MISSING", hint: expect.stringContaining("val_loss") },
    });
  });

  it("tells of reports that would be refused, and leaves them out", async () => {
    const rest = String.raw`metrics: {pattern: '^\[(?<step>\d+)\].*validation-mlogloss:(?<loss>\S+)'}`;
    const { reports, stderr, code } = await readLog("xgb.out", "loss", rest);
    expect(reports.map(({ step }) => step)).toEqual(Array.from({ length: 29 }, (_, index) => index + 1));
    expect(stderr).toContain("firstStep: 0");
    expect(code).toBe(0);
    const counted = await readLog("xgb.out", "loss", `${rest}\nfirstStep: 0`);
    expect(counted.reports).toHaveLength(30);
    expect(counted.reports[0]).toEqual(report(1, { loss: 1.36958 }));
  });

  it.each([
    ["metrics: kears", "keras"],
    ["metrics: {format: csv}", "needs a file"],
    ['metrics: {file: "{dir}/m.csv"}', "needs a format"],
    ['metrics: {file: "{dir}/m.csv", format: keras}', "cannot be keras"],
    ['metrics: {file: "{drr}/m.csv", format: csv}', "{dir}"],
    ["metrics: {format: keras, take: last}", "`metrics.take` is only for"],
    ["metrics: {format: keras, every: 1}", "`metrics.every` is only for"],
    [String.raw`metrics: {patterns: ['(?<step>\d+)', '(?<acc>\d+)']}`, 'lacks the named group "loss"'],
    ["metrics: {patterns: ['(?<step>']}", "Invalid regular expression"],
    ["metrics: {format: keras, pattern: a}", "must have only one of"],
  ])("refuses %s", async (rest, why) => {
    const { stderr, code } = await readLog("keras_v2.out", "loss", rest);
    expect(stderr).toContain(why.replaceAll('"', String.raw`\"`));
    expect(code).toBe(2);
  });

  it("refuses a log that is not there", async () => {
    const { stderr, code } = await readLog("missing.out", "loss", "metrics: keras");
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "LOG_UNREADABLE" } });
    expect(code).toBe(2);
  });
});

it("every recorded output is read by a test", () => {
  const source = readFileSync(import.meta.filename, "utf8");
  expect(readdirSync(LOGS).filter((name) => !source.includes(`"${name}"`))).toEqual([]);
});

describe("curvewise check", () => {
  const text = (command: string) => `study: digits
goal: {maximize: acc}
command: ${command}
space: {lr: {float: [0.001, 1], log: true}, kind: {choice: [a, b]}, momentum: {float: [0, 1], when: {kind: a}}}
enqueue: [{lr: 0.5, kind: b}]
maxSteps: 3
scheduler: {asha: {eta: 4}}
budget: {trials: 4}
`;

  it("says what would run: the command of a trial, the space, the sampler, the scheduler", async () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, "study.yaml"),
      text('[sh, "-c", "exit 0", "--lr={lr}", "--m={momentum}", "{max_steps}"]'),
    );
    const { stdout, stderr, code } = await curvewise(folder, "check", "study.yaml");
    expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
    const facts = new Map(stdout.split("\n").map((line) => [line.slice(0, 9).trim(), line.slice(9).trim()]));
    expect(facts.get("goal")).toBe("maximize acc");
    expect(facts.get("command")).toMatch(/^sh -c 'exit 0' --lr=0.5 3$/);
    expect(facts.get("space")).toBe("lr: float 0.001..1 log, kind: a|b, momentum: float 0..1 (at times)");
    expect(facts.get("sampler")).toContain("auto");
    expect(facts.get("scheduler")).toMatch(/^asha .*eta 4/);
    const json = await curvewise(folder, "check", "study.yaml", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({
      study: "digits",
      command: ["sh", "-c", "exit 0", "--lr=0.5", "3"],
      params: { lr: 0.5, kind: "b" },
      maxSteps: 3,
      metrics: { kind: "lines" },
    });
  });

  it("refuses a program that is not there", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "study.yaml"), text("[no-such-program]"));
    const { stderr, code } = await curvewise(folder, "check", "study.yaml");
    expect(stderr).toContain("COMMAND_NOT_FOUND");
    expect(code).toBe(2);
  });
});
