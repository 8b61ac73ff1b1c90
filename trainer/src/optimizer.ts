import { integerPower } from "./integer-power.js";
import type { Kernel } from "./kernel.js";
import type { Updates } from "./layers/layer.js";
import { type Parameter, reserveLike, rowFloats, type TrainedGroup } from "./parameters.js";
import type { Optimizer } from "./trainer-options.js";

/** An optimizer with its averages in the kernel's memory. */
export interface OptimizerState {
  /** The averages, in a fixed order, as in snapshots. */
  readonly parameters: readonly Parameter[];
  /** How to update the network in iteration `iteration` (from 0) at learning rate `rate`. */
  updates(iteration: number, rate: number): Updates;
}

type Pair = readonly [Parameter, Parameter];

/** Averages for each group, all zero. */
function reserveAverages(kernel: Kernel, groups: readonly TrainedGroup[]): ReadonlyMap<TrainedGroup, Pair> {
  return new Map(
    groups.map((group) => {
      const [first, second] = group.parameters;
      return [group, [reserveLike(kernel, first), reserveLike(kernel, second)]];
    }),
  );
}

function averagesOf(averages: ReadonlyMap<TrainedGroup, Pair>, group: TrainedGroup): Pair {
  const pair = averages.get(group);
  if (pair === undefined) throw new RangeError("a layer trains a group that the network does not list");
  return pair;
}

function momentumDescent(
  kernel: Kernel,
  groups: readonly TrainedGroup[],
  momentum: number,
  l2: number,
): OptimizerState {
  const velocities = reserveAverages(kernel, groups);
  return {
    parameters: [...velocities.values()].flat(),
    updates: (_iteration, rate) => ({
      weights: (group, input, delta, rows) => {
        const [weights, bias] = group.parameters;
        const [velocity, biasVelocity] = averagesOf(velocities, group);
        kernel.call.sgdStep(
          input,
          delta,
          weights.at,
          bias.at,
          velocity.at,
          biasVelocity.at,
          rows,
          group.inputs,
          group.outputs,
          rate,
          momentum,
          l2,
        );
      },
      numbers: (group) => {
        const pair = averagesOf(velocities, group);
        for (const i of [0, 1] as const) {
          const numbers = group.parameters[i];
          kernel.call.sgdNumbers(
            group.gradients[i],
            numbers.at,
            pair[i].at,
            rowFloats(numbers),
            rate,
            momentum,
          );
        }
      },
    }),
  };
}

function adam(
  kernel: Kernel,
  groups: readonly TrainedGroup[],
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: Extract<Optimizer, { kind: "adam" }>,
  l2: number,
): OptimizerState {
  const firsts = reserveAverages(kernel, groups);
  const seconds = reserveAverages(kernel, groups);
  return {
    parameters: [...firsts.values(), ...seconds.values()].flat(),
    updates: (iteration, rate) => {
      const step = rate / (1 - integerPower(beta1, iteration + 1));
      const correction = 1 / Math.sqrt(1 - integerPower(beta2, iteration + 1));
      return {
        weights: (group, input, delta, rows) => {
          const [weights, bias] = group.parameters;
          const [first, biasFirst] = averagesOf(firsts, group);
          const [second, biasSecond] = averagesOf(seconds, group);
          kernel.call.adamStep(
            input,
            delta,
            weights.at,
            bias.at,
            first.at,
            biasFirst.at,
            second.at,
            biasSecond.at,
            rows,
            group.inputs,
            group.outputs,
            step,
            correction,
            beta1,
            beta2,
            1 - beta1,
            1 - beta2,
            epsilon,
            l2,
          );
        },
        numbers: (group) => {
          const first = averagesOf(firsts, group);
          const second = averagesOf(seconds, group);
          for (const i of [0, 1] as const) {
            const numbers = group.parameters[i];
            kernel.call.adamNumbers(
              group.gradients[i],
              numbers.at,
              first[i].at,
              second[i].at,
              rowFloats(numbers),
              step,
              correction,
              beta1,
              beta2,
              1 - beta1,
              1 - beta2,
              epsilon,
            );
          }
        },
      };
    },
  };
}

/** Reserves the averages of an optimizer for what is trained, all zero. */
export function reserveOptimizer(
  kernel: Kernel,
  groups: readonly TrainedGroup[],
  optimizer: Optimizer,
  l2: number,
): OptimizerState {
  return optimizer.kind === "sgd"
    ? momentumDescent(kernel, groups, optimizer.momentum ?? 0, l2)
    : adam(kernel, groups, optimizer, l2);
}
