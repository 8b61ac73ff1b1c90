/**
 * Convolutions, pooling, batch normalization, dropout and recurrence again, in plain loops and double precision, for
 * tests to compare with. A value of a batch is a list of samples, each a list of numbers: line by line, each pixel with
 * all channels.
 */
import type { LayerActivation } from "../layer-options.js";
import type { LayerPlan } from "../layer-plan.js";
import { randomStream } from "../random.js";

/** A batch's values: a list for each sample. */
export type Values = readonly (readonly number[])[];

/** A layer after a batch went through it. */
export interface Passed {
  readonly output: Values;
  /** Its arrays afterwards: running statistics may have moved. */
  readonly arrays: readonly (readonly number[])[];
  /** From the derivatives of the output: those of the input, and of each array. */
  back(delta: Values): { readonly input: number[][]; readonly arrays: number[][] };
}

/** What training has and evaluation has not. */
export interface Training {
  readonly seed: number;
  readonly iteration: number;
}

/** Reads a number of a list. @throws RangeError if there is none */
export function at(list: readonly number[] | undefined, index: number): number {
  const found = list?.[index];
  if (found === undefined) throw new RangeError(`no element ${index}`);
  return found;
}

function add(list: number[] | undefined, index: number, value: number): void {
  if (list !== undefined) list[index] = at(list, index) + value;
}

const zeros = (length: number): number[] => Array.from({ length }, () => 0);
const like = (values: Values): number[][] => values.map(({ length }) => zeros(length));
const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

function activate(x: number, activation: LayerActivation): number {
  if (activation === "relu") return x < 0 ? 0 : x;
  if (activation === "tanh") return Math.tanh(x);
  return activation === "sigmoid" ? logistic(x) : x;
}

function slope(y: number, activation: LayerActivation): number {
  if (activation === "relu") return y > 0 ? 1 : 0;
  if (activation === "tanh") return 1 - y * y;
  return activation === "sigmoid" ? y * (1 - y) : 1;
}

/** Which inputs each output of a convolution or a dense layer sees: calls `visit(output, input, weight)`. */
type Connections = (visit: (output: number, input: number, weight: number) => void) => void;

/** Weighted sums, then an activation: `biases` says which bias each output has. */
function weighted(
  input: Values,
  arrays: readonly (readonly number[])[],
  outputs: number,
  connections: Connections,
  activation: LayerActivation,
): Passed {
  const [weights = [], bias = []] = arrays;
  const output = input.map((sample) => {
    const sums = Array.from({ length: outputs }, (_, o) => at(bias, o % bias.length));
    connections((o, i, w) => add(sums, o, at(sample, i) * at(weights, w)));
    return sums.map((sum) => activate(sum, activation));
  });
  return {
    output,
    arrays,
    back: (delta) => {
      const before = like(input);
      const gradient = zeros(weights.length);
      const biasGradient = zeros(bias.length);
      delta.forEach((sample, s) => {
        const inner = sample.map((d, o) => d * slope(at(output[s], o), activation));
        inner.forEach((d, o) => add(biasGradient, o % bias.length, d));
        connections((o, i, w) => {
          add(gradient, w, at(inner, o) * at(input[s], i));
          add(before[s], i, at(inner, o) * at(weights, w));
        });
      });
      return { input: before, arrays: [gradient, biasGradient] };
    },
  };
}

function windows(
  { input, output }: LayerPlan,
  { size, stride, padding }: { size: number; stride: number; padding: number },
  visit: (outputPixel: number, inputPixel: number, tap: number) => void,
): void {
  for (let y = 0; y < output.height; y++) {
    for (let x = 0; x < output.width; x++) {
      for (let tap = 0; tap < size * size; tap++) {
        const line = y * stride + Math.floor(tap / size) - padding;
        const column = x * stride + (tap % size) - padding;
        if (line < 0 || line >= input.height || column < 0 || column >= input.width) continue;
        visit(y * output.width + x, line * input.width + column, tap);
      }
    }
  }
}

function pooled(plan: LayerPlan, input: Values, size: number, stride: number): Passed {
  const { channels } = plan.input;
  const outputs = plan.output.height * plan.output.width * channels;
  const chosen = input.map((sample) => {
    const best = Array.from({ length: outputs }, () => -1);
    windows(plan, { size, stride, padding: 0 }, (to, from) => {
      for (let c = 0; c < channels; c++) {
        const now = best[to * channels + c] ?? -1;
        if (now < 0 || at(sample, from * channels + c) > at(sample, now))
          best[to * channels + c] = from * channels + c;
      }
    });
    return best;
  });
  return {
    output: chosen.map((best, s) => best.map((i) => at(input[s], i))),
    arrays: [],
    back: (delta) => {
      const before = like(input);
      chosen.forEach((best, s) => {
        best.forEach((i, o) => add(before[s], i, at(delta[s], o)));
      });
      return { input: before, arrays: [] };
    },
  };
}

/** Murmur3's finalizer. */
function mix(x: number): number {
  let z = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

function dropped(index: number, input: Values, rate: number, training: Training | undefined): Passed {
  if (training === undefined) {
    return { output: input, arrays: [], back: (delta) => ({ input: delta.map((d) => [...d]), arrays: [] }) };
  }
  const random = randomStream(training.seed, 3 + index, training.iteration);
  const [first, second] = [random.uint32(), random.uint32()];
  const factors = input.map((sample, s) =>
    sample.map((_, i) => {
      const hash = mix(mix((s * sample.length + i + first) >>> 0) + second);
      return hash >= Math.round(rate * 2 ** 32) ? 1 / (1 - rate) : 0;
    }),
  );
  const times = (values: Values): number[][] =>
    values.map((sample, s) => sample.map((v, i) => v * at(factors[s], i)));
  return { output: times(input), arrays: [], back: (delta) => ({ input: times(delta), arrays: [] }) };
}

interface Normalization {
  readonly channels: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly activation: LayerActivation;
}

function normalized(
  { channels, momentum, epsilon, activation }: Normalization,
  input: Values,
  arrays: readonly (readonly number[])[],
  isTraining: boolean,
): Passed {
  const [scale = [], shift = [], runningMean = [], runningVariance = []] = arrays;
  const each = Array.from({ length: channels }, (_, c) => c);
  const of = (c: number): number[] => input.flatMap((sample) => sample.filter((_, i) => i % channels === c));
  const average = (numbers: readonly number[]): number => numbers.reduce((s, x) => s + x, 0) / numbers.length;
  const count = of(0).length;
  const batchMean = each.map((c) => average(of(c)));
  const batchVariance = each.map((c) => average(of(c).map((x) => (x - at(batchMean, c)) ** 2)));
  const mean = isTraining ? batchMean : runningMean;
  const variance = isTraining ? batchVariance : runningVariance;
  const unit = input.map((sample) =>
    sample.map((x, i) => (x - at(mean, i % channels)) / Math.sqrt(at(variance, i % channels) + epsilon)),
  );
  const output = unit.map((sample) =>
    sample.map((x, i) => activate(x * at(scale, i % channels) + at(shift, i % channels), activation)),
  );
  const follow = (running: readonly number[], latest: readonly number[], by: number): readonly number[] =>
    isTraining ? running.map((r, c) => r + momentum * (at(latest, c) * by - r)) : running;
  return {
    output,
    arrays: [
      scale,
      shift,
      follow(runningMean, batchMean, 1),
      count > 1 ? follow(runningVariance, batchVariance, count / (count - 1)) : runningVariance,
    ],
    back: (delta) => {
      const scaleGradient = zeros(channels);
      const shiftGradient = zeros(channels);
      const inner = delta.map((sample, s) => sample.map((d, i) => d * slope(at(output[s], i), activation)));
      inner.forEach((sample, s) => {
        sample.forEach((d, i) => {
          add(shiftGradient, i % channels, d);
          add(scaleGradient, i % channels, d * at(unit[s], i));
        });
      });
      const before = inner.map((sample, s) =>
        sample.map((d, i) => {
          const c = i % channels;
          const rest = d - at(shiftGradient, c) / count - (at(unit[s], i) * at(scaleGradient, c)) / count;
          return (rest * at(scale, c)) / Math.sqrt(at(variance, c) + epsilon);
        }),
      );
      return { input: before, arrays: [scaleGradient, shiftGradient, zeros(channels), zeros(channels)] };
    },
  };
}

/** One step of a recurrent unit, with what its derivatives need. */
interface Step {
  readonly before: readonly number[];
  readonly r: readonly number[];
  readonly z: readonly number[];
  readonly n: readonly number[];
  readonly c: readonly number[];
}

function recurrent(plan: LayerPlan, input: Values, arrays: readonly (readonly number[])[]): Passed {
  const units = plan.output.channels;
  const inputs = plan.input.width * plan.input.channels;
  const [w = [], b = [], u = [], v = []] = arrays;
  const each = Array.from({ length: units }, (_, j) => j);
  const product = (
    x: readonly number[],
    weights: readonly number[],
    bias: readonly number[],
    column: number,
  ): number => x.reduce((sum, xi, i) => sum + xi * at(weights, i * 3 * units + column), at(bias, column));
  const lines = input.map((sample) =>
    Array.from({ length: plan.input.height }, (_, t) => sample.slice(t * inputs, (t + 1) * inputs)),
  );
  const histories = lines.map((sample) => {
    const steps: Step[] = [];
    let h = zeros(units);
    for (const x of sample) {
      const before = h;
      const gate = (k: number, j: number): number =>
        product(x, w, b, k * units + j) + product(before, u, v, k * units + j);
      const r = each.map((j) => logistic(gate(0, j)));
      const z = each.map((j) => logistic(gate(1, j)));
      const c = each.map((j) => product(before, u, v, 2 * units + j));
      const n = each.map((j) => Math.tanh(product(x, w, b, 2 * units + j) + at(r, j) * at(c, j)));
      steps.push({ before, r, z, n, c });
      h = each.map((j) => (1 - at(z, j)) * at(n, j) + at(z, j) * at(before, j));
    }
    return { steps, last: h };
  });
  return {
    output: histories.map(({ last }) => last),
    arrays,
    back: (delta) => {
      const gradients = [w, b, u, v].map(({ length }) => zeros(length));
      const [wg, bg, ug, vg] = gradients;
      const before = input.map((sample, s) => {
        const sampleDelta = zeros(sample.length);
        let dh = [...(delta[s] ?? [])];
        const steps = histories[s]?.steps ?? [];
        for (const [t, { before: h, r, z, n, c }] of [...steps.entries()].reverse()) {
          const next = zeros(units);
          const carry = (
            into: number[],
            first: number,
            x: readonly number[],
            weights: readonly number[],
            by: readonly number[],
            gradient: number[] | undefined,
          ): void => {
            x.forEach((xi, i) => {
              by.forEach((d, column) => {
                add(gradient, i * 3 * units + column, xi * d);
                add(into, first + i, at(weights, i * 3 * units + column) * d);
              });
            });
          };
          const dn = each.map((j) => at(dh, j) * (1 - at(z, j)) * (1 - at(n, j) ** 2));
          const dz = each.map((j) => at(dh, j) * (at(h, j) - at(n, j)) * at(z, j) * (1 - at(z, j)));
          const dr = each.map((j) => at(dn, j) * at(c, j) * at(r, j) * (1 - at(r, j)));
          const ofInput = [...dr, ...dz, ...dn];
          const ofState = [...dr, ...dz, ...each.map((j) => at(dn, j) * at(r, j))];
          ofInput.forEach((d, column) => add(bg, column, d));
          ofState.forEach((d, column) => add(vg, column, d));
          carry(sampleDelta, t * inputs, lines[s]?.[t] ?? [], w, ofInput, wg);
          carry(next, 0, h, u, ofState, ug);
          each.forEach((j) => add(next, j, at(dh, j) * at(z, j)));
          dh = next;
        }
        return sampleDelta;
      });
      return { input: before, arrays: gradients };
    },
  };
}

/** How many arrays a layer has, in the order of `Trainer.parameters`. */
export function arraysOf({ layer }: LayerPlan): number {
  const counts = { dense: 2, conv2d: 2, batchNorm: 4, gru: 4, maxpool: 0, dropout: 0, flatten: 0 };
  return counts[layer.kind];
}

/** Sends a batch through the layer with number `index`. */
export function pass(
  plan: LayerPlan,
  index: number,
  arrays: readonly (readonly number[])[],
  input: Values,
  training: Training | undefined,
): Passed {
  const { layer } = plan;
  const { channels } = plan.input;
  switch (layer.kind) {
    case "dense": {
      const { units, activation } = layer;
      const connections: Connections = (visit) => {
        for (let i = 0; i < channels; i++) for (let o = 0; o < units; o++) visit(o, i, i * units + o);
      };
      return weighted(input, arrays, units, connections, activation);
    }
    case "conv2d": {
      const { filters, activation } = layer;
      const connections: Connections = (visit) => {
        windows(plan, layer, (to, from, tap) => {
          for (let c = 0; c < channels; c++) {
            for (let f = 0; f < filters; f++) {
              visit(to * filters + f, from * channels + c, (tap * channels + c) * filters + f);
            }
          }
        });
      };
      return weighted(
        input,
        arrays,
        plan.output.height * plan.output.width * filters,
        connections,
        activation,
      );
    }
    case "maxpool":
      return pooled(plan, input, layer.size, layer.stride);
    case "dropout":
      return dropped(index, input, layer.rate, training);
    case "batchNorm":
      return normalized({ ...layer, channels }, input, arrays, training !== undefined);
    case "gru":
      return recurrent(plan, input, arrays);
    case "flatten":
      return {
        output: input,
        arrays: [],
        back: (delta) => ({ input: delta.map((d) => [...d]), arrays: [] }),
      };
  }
}
