import { z } from "zod";
import { CurvewiseError } from "../../core/errors.js";
import type { SchedulerSetup } from "../../core/scheduler.js";
import type { SearchSpace } from "../../core/search-space.js";

const factors = z.array(z.number().positive()).min(1);
const resample = z.number().min(0).max(1);

/** The options that every kind of population based training has. */
export const populationOptions = {
  population: z.int().min(1).max(100_000).default(16).describe("How many trials train side by side."),
  interval: z
    .int()
    .min(1)
    .exactOptional()
    .describe("Steps between decisions on a trial; by default a twentieth of maxSteps."),
  burnIn: z.int().min(0).default(0).describe("Steps before the first decision on a trial."),
  quantile: z
    .number()
    .positive()
    .max(0.5)
    .default(0.25)
    .describe("The share of the population that is replaced, and the share whose models replace them."),
  mode: z
    .enum(["asynchronous", "synchronous"])
    .default("asynchronous")
    .describe(
      "`asynchronous`: each trial is compared with what the others have reached; `synchronous`: all wait for each other at every interval.",
    ),
};

/** The options of PBT's own way of changing params. */
export const perturbationOptions = {
  factors: factors.default([0.8, 1.2]).describe("A number is multiplied by one of these."),
  resample: resample
    .default(0.25)
    .describe("The probability that a param is drawn from the space instead of perturbed."),
  evolve: z
    .union([
      z.array(z.string()).min(1),
      z.record(
        z.string(),
        z.strictObject({ factors: factors.exactOptional(), resample: resample.exactOptional() }),
      ),
    ])
    .exactOptional()
    .describe(
      "The params that change during training, as a list, or by name with their own factors and resample; by default all. Others stay with their model: do not list params that set a network's shape.",
    ),
};

/** A study's space, which populations require. @throws CurvewiseError `SPACE_MISSING` */
export function spaceOf(scheduler: string, { space }: SchedulerSetup): SearchSpace {
  if (space !== undefined) return space;
  throw new CurvewiseError(
    "SPACE_MISSING",
    `scheduler ${scheduler} needs a search space to change params in`,
    {
      hint: "It trains a population and changes its params; recorded curves cannot be replayed under it.",
    },
  );
}

/** Steps between two decisions. @throws CurvewiseError `MAX_STEPS_MISSING`; `OPTIONS_INVALID` */
export function intervalOf(
  scheduler: string,
  interval: number | undefined,
  maxSteps: number | undefined,
): number {
  if (interval === undefined) {
    if (maxSteps !== undefined) return Math.ceil(maxSteps / 20);
    throw new CurvewiseError("MAX_STEPS_MISSING", `scheduler ${scheduler} needs an interval`, {
      hint: "Set the study's maxSteps or the scheduler's interval, in steps.",
    });
  }
  if (maxSteps === undefined || interval < maxSteps) return interval;
  throw new CurvewiseError(
    "OPTIONS_INVALID",
    `scheduler ${scheduler}: its interval, ${interval} steps, is not shorter than a complete training of ${maxSteps}`,
    { hint: "Give an interval that fits into maxSteps several times." },
  );
}

/** Checks names of params that a user listed. @throws CurvewiseError `OPTIONS_INVALID` */
export function checkNames(scheduler: string, names: readonly string[], { params }: SearchSpace): void {
  const unknown = names.find((name) => !Object.hasOwn(params, name));
  if (unknown === undefined) return;
  throw new CurvewiseError(
    "OPTIONS_INVALID",
    `scheduler ${scheduler} at evolve: there is no param "${unknown}"`,
    {
      hint: `The params are ${Object.keys(params).join(", ")}.`,
    },
  );
}
