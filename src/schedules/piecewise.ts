import { z } from "zod";
import { defineSchedule } from "./schedule-definition.js";

const change = z.strictObject({
  from: z.number().min(0).describe("When the rate takes effect, in the schedule's unit."),
  rate: z.number().min(0).describe("The rate from then on."),
});

/** A rate and when it takes effect. */
export type RateChange = z.output<typeof change>;

const isRising = (changes: readonly RateChange[]): boolean =>
  changes.every(({ from }, index) => index === 0 || from > (changes[index - 1]?.from ?? from));

/**
 * A sequence of constant rates: rate(t) is the rate of the last change at or before t. What a population found is
 * exported as one (Jaderberg et al., "Population based training of neural networks", 2017); its `unit` is `step`, since
 * a population's params change at steps.
 *
 * @example piecewise({ changes: [{ from: 0, rate: 0.1 }, { from: 500, rate: 0.08 }] })
 */
export const piecewise = defineSchedule({
  name: "piecewise",
  summary: "A list of rates, each from a given time on.",
  options: z.strictObject({
    changes: z
      .array(change)
      .min(1)
      .refine((changes) => changes[0]?.from === 0, "the first change must be from 0")
      .refine(isRising, "each change must come after the previous one")
      .describe("The rates in order, the first from 0."),
  }),
  rateAt: ({ changes }, time) => changes.findLast(({ from }) => from <= time)?.rate ?? 0,
});
