// Problems with several goals, all to be minimised: formulas, and networks that are trained.
import { join } from "node:path";
import { choice, float, int } from "../../dist/api/index.js";
import { createTrainer, loadImageFolder } from "../../trainer/dist/index.js";

const sum = (numbers) => numbers.reduce((total, value) => total + value, 0);
const mean = (numbers) => sum(numbers) / numbers.length;

// Zitzler, Deb and Thiele 2000.
function zdt(kind, [first, ...rest]) {
  if (kind === 4) {
    const g =
      1 +
      10 * rest.length +
      sum(rest.map((y) => (10 * y - 5) ** 2 - 10 * Math.cos(4 * Math.PI * (10 * y - 5))));
    return [first, g * (1 - Math.sqrt(first / g))];
  }
  if (kind === 6) {
    const f = 1 - Math.exp(-4 * first) * Math.sin(6 * Math.PI * first) ** 6;
    const g = 1 + 9 * mean(rest) ** 0.25;
    return [f, g * (1 - (f / g) ** 2)];
  }
  const g = 1 + 9 * mean(rest);
  if (kind === 1) return [first, g * (1 - Math.sqrt(first / g))];
  if (kind === 2) return [first, g * (1 - (first / g) ** 2)];
  return [first, g * (1 - Math.sqrt(first / g) - (first / g) * Math.sin(10 * Math.PI * first))];
}

// Deb, Thiele, Laumanns and Zitzler 2002.
function dtlz2(x) {
  const g = sum(x.slice(2).map((y) => (y - 0.5) ** 2));
  const [a, b] = x.map((y) => (y * Math.PI) / 2);
  return [Math.cos(a) * Math.cos(b), Math.cos(a) * Math.sin(b), Math.sin(a)].map((each) => (1 + g) * each);
}

function formula(name, dimensions, costsOf, goals) {
  const names = Array.from({ length: dimensions }, (_, n) => `x${n}`);
  return {
    name,
    space: Object.fromEntries(names.map((each) => [each, float(0, 1)])),
    goals,
    costsOf: (params) => costsOf(names.map((each) => params[each])),
  };
}

/** Of the second goal of ZDT, by problem: what random params reach. */
const REFERENCES = { 1: 6, 2: 6, 3: 6, 4: 150, 6: 10 };
const formulas = [
  ...[1, 2, 3, 4, 6].map((kind) =>
    formula(`ZDT${kind}`, 10, (x) => zdt(kind, x), [
      { metric: "f0", reference: 1.1, ideal: 0 },
      { metric: "f1", reference: REFERENCES[kind], ideal: kind === 3 ? -1 : 0 },
    ]),
  ),
  formula(
    "DTLZ2",
    7,
    dtlz2,
    [0, 1, 2].map((goal) => ({ metric: `f${goal}`, reference: 1.1, ideal: 0 })),
  ),
];

const IMAGES = 15_000;
const SIDE = 28;
let loading;
const shrunk = new Map();

/** Images of fewer pixels: each is the mean of a square of the whole image's. */
function shrink(set, side) {
  const factor = SIDE / side;
  const images = new Uint8Array(set.count * side * side);
  for (let image = 0; image < set.count; image++) {
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        let total = 0;
        for (let r = 0; r < factor; r++) {
          for (let c = 0; c < factor; c++)
            total += set.images[image * SIDE * SIDE + (row * factor + r) * SIDE + column * factor + c];
        }
        images[(image * side + row) * side + column] = Math.round(total / factor ** 2);
      }
    }
  }
  return { ...set, inputs: side * side, images };
}

async function dataOf(side) {
  loading ??= loadImageFolder(join(import.meta.dirname, "../../data/fashion-mnist"));
  const whole = await loading;
  if (side === SIDE) return whole;
  if (!shrunk.has(side)) {
    shrunk.set(side, { ...whole, train: shrink(whole.train, side), test: shrink(whole.test, side) });
  }
  return shrunk.get(side);
}

/** Trains one of the demo's networks: its error on images that it has not seen, and how many weights it has. */
export async function trained({ lr, momentum, depth, width, activation, batch, side = SIDE }, seed) {
  const layers = [side * side, ...Array.from({ length: depth }, () => width), 10];
  const trainer = createTrainer(
    {
      layers,
      activation,
      optimizer: { kind: "sgd", momentum },
      learningRate: lr,
      batchSize: batch,
      seed,
      simd: "plain",
    },
    await dataOf(side),
  );
  while (trainer.imagesSeen < IMAGES) trainer.trainIterations(1);
  const { accuracy } = trainer.evaluate();
  return [1 - accuracy, Math.log10(sum(layers.slice(1).map((units, n) => units * (layers[n] + 1))))];
}

const network = {
  lr: float(1e-4, 1, { log: true }),
  momentum: float(0, 0.99),
  depth: int(1, 4),
  width: int(2, 128, { log: true }),
  activation: choice(["relu", "tanh", "sigmoid"]),
  batch: choice([16, 32, 64, 128]),
};
const networks = [
  {
    name: "error and size",
    space: network,
    goals: [
      { metric: "error", reference: 0.9, ideal: 0.1 },
      { metric: "log10_weights", reference: 5.5, ideal: 3 },
    ],
    costsOf: trained,
  },
  {
    name: "error and size, images shrunk",
    space: { ...network, side: choice([7, 14, 28]) },
    goals: [
      { metric: "error", reference: 0.9, ideal: 0.1 },
      { metric: "log10_weights", reference: 5.5, ideal: 2 },
    ],
    costsOf: trained,
  },
];

/**
 * All problems: their space, their goals with the reference and the ideal between which volumes are measured, and
 * the costs of params, one for each goal.
 */
export const PROBLEMS = [...formulas, ...networks];
