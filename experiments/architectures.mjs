// The networks whose learning curves are recorded, each with at least seven params to tune.

import { join } from "node:path";

/** Params that every network has; the step is 1,500 images, 16 of which make a training. */
const COMMON = {
  lr: { float: [1e-3, 1], log: true },
  momentum: { float: [0, 0.95] },
  batch: { ordinal: [8, 16, 32, 64, 128] },
  l2: { float: [1e-6, 1e-2], log: true },
  "decay-factor": { float: [0.7, 1] },
  activation: { choice: ["relu", "tanh", "sigmoid"] },
};

/** What one step is, and how many make a complete training. */
export const IMAGES_PER_STEP = 1500;
export const STEPS = 16;

/** A network whose shape is tuned: see train-network.mjs. */
const shaped = (network) => ({
  program: [process.execPath, join(import.meta.dirname, "train-network.mjs"), `--network=${network}`],
  fixed: ["--decay-every=50"],
});

/** By name: what is fixed on the command line, what is tuned, and how many configurations are recorded. */
export const ARCHITECTURES = {
  "dense-small": {
    title: "small dense network, three layers as on the poster",
    fixed: ["--depth=2", "--decay-every=50"],
    space: { ...COMMON, width: { int: [8, 64], log: true } },
    configurations: 256,
  },
  "dense-wide": {
    title: "wide dense network, two layers",
    fixed: ["--depth=1", "--decay-every=50"],
    space: { ...COMMON, width: { int: [64, 256], log: true } },
    configurations: 128,
  },
  "dense-deep": {
    title: "deep dense network, six layers",
    fixed: ["--depth=5", "--decay-every=50"],
    space: { ...COMMON, width: { int: [16, 96], log: true } },
    configurations: 128,
  },
  conv: {
    title: "convolutional network, one convolution",
    ...shaped("conv"),
    space: {
      ...COMMON,
      filters: { int: [2, 8], log: true },
      units: { int: [8, 64], log: true },
      dropout: { float: [0, 0.5] },
    },
    configurations: 64,
  },
  gru: {
    title: "recurrent network, which reads images line by line",
    ...shaped("gru"),
    space: { ...COMMON, units: { int: [8, 48], log: true }, dropout: { float: [0, 0.5] } },
    configurations: 64,
  },
  "conv-deep": {
    title: "convolutional network, two convolutions with batch normalization",
    ...shaped("conv-deep"),
    space: {
      ...COMMON,
      filters: { int: [2, 6], log: true },
      units: { int: [8, 64], log: true },
      dropout: { float: [0, 0.5] },
    },
    configurations: 64,
  },
};
