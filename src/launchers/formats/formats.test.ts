import { describe, expect, it } from "vitest";
import type { PrintedFormat } from "../../core/metric-reading.js";
import type { Finding } from "../findings.js";
import { createMetricReader, type ReadingContext } from "../metric-reader.js";

// What tests/formats has no output of. The forms are those of the sources that each format names.

interface Options extends ReadingContext {
  readonly every?: number;
}

function read(format: PrintedFormat, lines: readonly string[], options: Options = {}): Finding[] {
  const { every, ...context } = options;
  const reading = { kind: "format", format, ...(every === undefined ? {} : { every }) } as const;
  const reader = createMetricReader(reading, context);
  return [...lines.flatMap((line) => reader.read(line)), ...reader.end()];
}
const report = (step: number, metrics: Readonly<Record<string, number>>): Finding => ({
  kind: "report",
  step,
  metrics,
});

describe("keras", () => {
  it("reads the coloured bar of Keras 3, and no `evaluate` after the last epoch", () => {
    const lines = [
      "\u001b[1mEpoch 2/2\u001b[0m",
      "\u001b[1m 9/10\u001b[0m \u001b[32m━━━\u001b[0m\u001b[37m━\u001b[0m \u001b[1m0s\u001b[0m 20ms/step - loss: 2.5",
      "\u001b[1m10/10\u001b[0m \u001b[32m━━━━\u001b[0m \u001b[1m1s\u001b[0m 20ms/step - loss: 1.5 - val_loss: 1.25",
      "\u001b[1m 1/10\u001b[0m \u001b[32m━\u001b[0m\u001b[37m━━━\u001b[0m \u001b[1m0s\u001b[0m 20ms/step - loss: 7.0",
      "\u001b[1m10/10\u001b[0m \u001b[32m━━━━\u001b[0m \u001b[1m0s\u001b[0m 20ms/step - loss: 7.5",
    ];
    expect(read("keras", lines)).toEqual([report(2, { loss: 1.5, val_loss: 1.25 })]);
  });
  it("takes no note of a callback for the begin of an epoch", () => {
    const lines = [
      "Epoch 1/2",
      "10/10 - 1s - loss: 1.5",
      "Epoch 1: val_loss improved from inf to 1.25, saving model",
      "Epoch 2/2",
      "10/10 - 1s - loss: nan",
    ];
    expect(read("keras", lines)).toEqual([report(1, { loss: 1.5 }), report(2, { loss: Number.NaN })]);
  });
});

it("lightning: tqdm's bar on the way, without the version of the folder", () => {
  const lines = [
    "Sanity Checking DataLoader 0: 100%|████| 2/2 [00:00<00:00, 9.00it/s]",
    "Epoch 0:  50%|██  | 11/22 [00:00<00:00, 107.70it/s, v_num=3, train_loss=2.500]",
    "Validation DataLoader 0:  50%|██  | 1/2 [00:00<00:00, 9.00it/s]",
    "Epoch 0: 100%|████| 22/22 [00:00<00:00, 107.70it/s, v_num=3, train_loss=2.250, val_loss=2.125]",
    "Epoch 1:   5%|█   | 1/22 [00:00<00:00, 107.70it/s, v_num=3, train_loss=2.000, val_loss=2.125]",
  ];
  expect(read("lightning", lines)).toEqual([
    report(1, { train_loss: 2.25, val_loss: 2.125 }),
    report(2, { train_loss: 2, val_loss: 2.125 }),
  ]);
});

describe("huggingface", () => {
  const lines = [
    "{'loss': '0.5', 'epoch': '0.33'}",
    "{'loss': '0.25', 'epoch': '0.67'}",
    '{"eval_loss": "0.75", "epoch": "1"}',
    "{'loss': nan, 'epoch': 1.33}",
    "{'train_runtime': 9.0, 'train_loss': 0.125, 'epoch': 1.33}",
  ];
  it("reads numbers in quotes, and leaves out the summary and what no evaluation follows", () => {
    expect(read("huggingface", lines)).toEqual([report(1, { loss: 0.25, eval_loss: 0.75, epoch: 1 })]);
  });
  it("counts on where a training goes on", () => {
    expect(read("huggingface", lines, { after: 3 }).map((found) => "step" in found && found.step)).toEqual([
      4,
    ]);
  });
  it("knows a third of an epoch by its two decimals", () => {
    expect(read("huggingface", lines, { every: 1 / 3 })).toEqual([
      report(1, { loss: 0.5, epoch: 0.33 }),
      report(2, { loss: 0.25, epoch: 0.67 }),
      report(3, { eval_loss: 0.75, epoch: 1 }),
      report(4, { loss: Number.NaN, epoch: 1.33 }),
    ]);
  });
});

describe("boosting", () => {
  it("xgboost: means of a cross-validation, after a time, and the best round not twice", () => {
    const lines = [
      "[10:27:10] [0]\ttrain-rmse:0.5+0.01\ttest-rmse:0.75+0.02",
      "[1]\ttrain-rmse:0.25+0.01\ttest-rmse:0.5+0.02",
      "Stopping. Best iteration:",
      "[0]\ttrain-rmse:0.5+0.01\ttest-rmse:0.75+0.02",
    ];
    expect(read("xgboost", lines)).toEqual([
      report(1, { "train-rmse": 0.5, "test-rmse": 0.75 }),
      report(2, { "train-rmse": 0.25, "test-rmse": 0.5 }),
    ]);
  });
  it("xgboost: rounds that are counted anew go on from those of the model", () => {
    const lines = ["[0]\tvalid-rmse:0.5", "[1]\tvalid-rmse:0.25"];
    expect(read("xgboost", lines, { after: 3 })).toEqual([
      report(4, { "valid-rmse": 0.5 }),
      report(5, { "valid-rmse": 0.25 }),
    ]);
    const counted = ["[3]\tvalid-rmse:0.5", "[4]\tvalid-rmse:0.25"];
    expect(read("xgboost", counted, { after: 3 })).toEqual(read("xgboost", lines, { after: 3 }));
  });
  it("lightgbm: means of a cross-validation, and the best round not twice", () => {
    const lines = [
      "[LightGBM] [Info] Total Bins 255",
      "[1]\tcv_agg's valid l2: 0.5 + 0.01",
      "[2]\tcv_agg's valid l2: 0.25 + 0.01",
      "Early stopping, best iteration is:",
      "[1]\tcv_agg's valid l2: 0.5 + 0.01",
    ];
    expect(read("lightgbm", lines)).toEqual([
      report(1, { "cv_agg's valid l2": 0.5 }),
      report(2, { "cv_agg's valid l2": 0.25 }),
    ]);
  });
  it("lightgbm: its own program, with a line for each metric", () => {
    const lines = [
      "[LightGBM] [Info] Iteration:1, training auc : 0.75",
      "[LightGBM] [Info] Iteration:1, valid_1 auc : 0.5",
      "[LightGBM] [Info] 0.01 seconds elapsed, finished iteration 1",
      "[LightGBM] [Info] Iteration:2, valid_1 auc : 0.625",
    ];
    expect(read("lightgbm", lines)).toEqual([
      report(1, { "training auc": 0.75, "valid_1 auc": 0.5 }),
      report(2, { "valid_1 auc": 0.625 }),
    ]);
  });
});

it("fastai: what is not a number is left out", () => {
  const lines = [
    "epoch     train_loss  valid_loss  error_rate  time    ",
    "0         0.5         None        0.25        1:00:12 ",
    "Better model found at epoch 0 with valid_loss value: 0.5.",
  ];
  expect(read("fastai", lines)).toEqual([report(1, { train_loss: 0.5, error_rate: 0.25 })]);
});

it("fastai: lists, which have no names, and nothing that only looks like one", () => {
  const lines = [
    "[0, 0.5, None, 0.25, 'nan', '01:12']",
    "[1, nan, 0.75, '00:00']",
    "[2, 3, 4]",
    "[3, 'a', '00:00']",
  ];
  expect(read("fastai", lines)).toEqual([
    report(1, { train_loss: 0.5, "metric 1": 0.25 }),
    report(2, { train_loss: Number.NaN, valid_loss: 0.75 }),
  ]);
});

it("caffe: the training's outputs are told from the test's", () => {
  const log = (text: string): string => `I1127 10:27:20.123456  1234 solver.cpp:330] ${text}`;
  const lines = [
    log("Iteration 100 (50 iter/s, 2s/100 iters), loss = 0.75"),
    log("    Train net output #0: loss = 0.5 (* 1 = 0.5 loss)"),
    log("Iteration 100, lr = 0.01"),
    log("Iteration 200, Testing net (#0)"),
    log("    Test net output #0: loss = 0.25 (* 1 = 0.25 loss)"),
    log("Iteration 200 (50 iter/s, 2s/100 iters), loss = 0.375"),
  ];
  expect(read("caffe", lines)).toEqual([
    report(100, { "train loss": 0.5 }),
    report(200, { loss: 0.25, "train loss": 0.375 }),
  ]);
});

it("pytorch-examples: the last lines of the test of images", () => {
  const lines = [
    "Epoch: [4][ 90/100]\tTime  0.3 ( 0.4)\tLoss 6.5e+00 (7.0e+00)",
    "Test: [ 0/20]\tTime  0.3 ( 0.3)\tLoss 5.0e+00 (5.0e+00)\tAcc@1  12.50 ( 12.50)",
    "Test: [10/20]\tTime  0.3 ( 0.3)\tLoss 4.0e+00 (4.5e+00)\tAcc@1  12.50 ( 12.50)",
    " *   Acc@1 25.500 Acc@5 30.100",
    "=> saved",
  ];
  expect(read("pytorch-examples", lines)).toEqual([
    report(5, { "train Loss": 7, Loss: 4.5, "Acc@1": 25.5, "Acc@5": 30.1 }),
  ]);
});

describe("tqdm", () => {
  const bar = (text: string, done: number, postfix: string): string =>
    `${text}${25 * done}%|##  | ${done}/4 [00:00<00:00,  3.2it/s${postfix}]`;
  it("takes the place of a bar for the step if its text has no number", () => {
    const lines = [
      bar("", 0, ", loss=9"),
      bar("Training: ", 1, ", loss=0.5"),
      bar("Training: ", 1, ", loss=0.25, lr=1e-3"),
      bar("Training: ", 2, ""),
      bar("Training: ", 2, ", loss=0.125"),
    ];
    expect(read("tqdm", lines)).toEqual([report(1, { loss: 0.25, lr: 0.001 }), report(2, { loss: 0.125 })]);
  });
  it("counts from 0 if the study says so", () => {
    const lines = [bar("Epoch 0/3: ", 4, ", loss=0.5"), bar("Epoch 1/3: ", 4, ", loss=0.25")];
    expect(read("tqdm", lines, { firstStep: 0 })).toEqual([
      report(1, { loss: 0.5 }),
      report(2, { loss: 0.25 }),
    ]);
  });
});

it("formats whose tool decides how steps count are counted so, whatever the study says", () => {
  const line = ["step 250: train loss 1.5, val loss 2.5"];
  expect(read("nanogpt", line, { firstStep: 0 })).toEqual(read("nanogpt", line));
  expect(read("xgboost", ["[0]\ta-b:1"], { firstStep: 0 })).toEqual([report(1, { "a-b": 1 })]);
});
