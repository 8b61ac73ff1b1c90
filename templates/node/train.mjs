/**
 * Trains a small neural network to tell two interleaved half-moons apart, in plain JavaScript.
 *
 * It shows all that Curvewise needs from a program: it reads its params from the command line, reports its metrics
 * after each epoch, and saves its state when it is told to pause. Replace the training with your own.
 */
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

/** Reports to Curvewise over its socket; prints the reports when the program is run by hand. */
async function connect(path) {
  if (!path) {
    return {
      ask: async (message) => {
        console.log(JSON.stringify(message));
        return { action: "continue" };
      },
      close: () => {},
    };
  }
  const socket = createConnection(path);
  await once(socket, "connect");
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  return {
    ask: async (message) => {
      socket.write(`${JSON.stringify(message)}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error("Curvewise closed the connection");
      const answer = JSON.parse(value);
      if (answer.error) throw new Error(answer.error.message);
      return answer;
    },
    close: () => socket.end(),
  };
}

/** JSON has no NaN, so the metrics of a training that diverged are sent as text. */
const metric = (value) => (Number.isFinite(value) ? value : String(value));

/** A small seeded random number generator (mulberry32). */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normalFrom(random) {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function moons(count, seed) {
  const random = randomFrom(seed);
  const normal = normalFrom(random);
  return Array.from({ length: count }, (_, index) => {
    const angle = random() * Math.PI;
    const label = index % 2;
    const x = label ? 1 - Math.cos(angle) : Math.cos(angle);
    const y = label ? 0.5 - Math.sin(angle) : Math.sin(angle);
    return { x: x + 0.15 * normal(), y: y + 0.15 * normal(), label };
  });
}

function newWeights(width, seed) {
  const normal = normalFrom(randomFrom(seed));
  const units = Array.from({ length: width }, () => [normal(), normal(), 0, normal() / Math.sqrt(width)]);
  return [...units, [0, 0, 0, 0]];
}

function predict(weights, { x, y }) {
  const hidden = weights.slice(0, -1).map(([a, b, c]) => Math.tanh(a * x + b * y + c));
  const total = hidden.reduce((sum, h, unit) => sum + h * weights[unit][3], weights.at(-1)[3]);
  return { hidden, probability: 1 / (1 + Math.exp(-total)) };
}

function trainEpoch(weights, speeds, points, { rate, momentum, batch }) {
  for (let start = 0; start < points.length; start += batch) {
    const part = points.slice(start, start + batch);
    const slopes = weights.map(() => [0, 0, 0, 0]);
    for (const point of part) {
      const { hidden, probability } = predict(weights, point);
      const error = (probability - point.label) / part.length;
      hidden.forEach((h, unit) => {
        const back = error * weights[unit][3] * (1 - h * h);
        slopes[unit][0] += back * point.x;
        slopes[unit][1] += back * point.y;
        slopes[unit][2] += back;
        slopes[unit][3] += error * h;
      });
      slopes.at(-1)[3] += error;
    }
    weights.forEach((unit, index) => {
      for (let k = 0; k < 4; k++) {
        speeds[index][k] = momentum * speeds[index][k] - rate * slopes[index][k];
        unit[k] += speeds[index][k];
      }
    });
  }
}

function evaluate(weights, points) {
  let loss = 0;
  let right = 0;
  for (const point of points) {
    const { probability } = predict(weights, point);
    loss -= Math.log(Math.max(1e-12, point.label ? probability : 1 - probability));
    if (probability > 0.5 === (point.label === 1)) right += 1;
  }
  return { loss: loss / points.length, accuracy: right / points.length };
}

/** The order depends only on the epoch, so a resumed training goes on exactly as it would have. */
function shuffled(points, seed) {
  const random = randomFrom(seed);
  return points
    .map((point) => ({ point, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ point }) => point);
}

const { values } = parseArgs({
  options: {
    rate: { type: "string" },
    momentum: { type: "string" },
    width: { type: "string" },
    batch: { type: "string" },
  },
});
const params = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
for (const name of ["rate", "momentum", "width", "batch"]) {
  if (!Number.isFinite(params[name])) throw new Error(`--${name} must be a number`);
}

const {
  CURVEWISE_SEED = "0",
  CURVEWISE_MAX_STEPS = "30",
  CURVEWISE_DIR = ".",
  CURVEWISE_RESUME,
  CURVEWISE_SOCKET,
} = process.env;
const seed = Number(CURVEWISE_SEED);
const state = CURVEWISE_RESUME
  ? JSON.parse(readFileSync(CURVEWISE_RESUME, "utf8"))
  : { epoch: 0, weights: newWeights(params.width, seed), speeds: undefined };
const { weights, speeds = weights.map(() => [0, 0, 0, 0]) } = state;

const training = moons(200, 1);
const validation = moons(200, 2);
const curvewise = await connect(CURVEWISE_SOCKET);
for (let epoch = state.epoch + 1; epoch <= Number(CURVEWISE_MAX_STEPS); epoch++) {
  trainEpoch(weights, speeds, shuffled(training, seed * 1000 + epoch), params);
  const { loss, accuracy } = evaluate(weights, validation);
  const report = { step: epoch, metrics: { loss: metric(loss), accuracy: metric(accuracy) } };
  const { action } = await curvewise.ask({ report });
  if (action === "pause") {
    const path = join(CURVEWISE_DIR, `snapshot-${epoch}.json`);
    writeFileSync(path, JSON.stringify({ epoch, weights, speeds }));
    await curvewise.ask({ snapshot: { step: epoch, path } });
  }
  if (action !== "continue") break;
}
curvewise.close();
