import { z } from "zod";
import { integerPower } from "./integer-power.js";
import { defineSchedule } from "./schedule-definition.js";

/**
 * Exponential decay: rate(t) = rate * factor ^ floor(t / every), a staircase; with `continuous` the exponent is t /
 * every itself, and the rate falls with each iteration. In PyTorch: StepLR, and ExponentialLR if `every` is 1.
 *
 * @example exponential({ rate: 0.1, factor: 0.95, every: 100 }) // 5 % less every 100 iterations
 */
export const exponential = defineSchedule({
  name: "exponential",
  summary: "Multiplied by a factor at regular intervals.",
  options: z.strictObject({
    rate: z.number().positive().describe("The rate at the beginning."),
    factor: z.number().positive().describe("What the rate is multiplied by after each interval."),
    every: z.int().min(1).default(1).describe("The interval, in the schedule's unit."),
    continuous: z
      .boolean()
      .default(false)
      .describe("Whether the rate also falls within intervals, instead of only at their ends."),
  }),
  rateAt: ({ rate, factor, every, continuous }, time) =>
    rate * (continuous ? factor ** (time / every) : integerPower(factor, Math.floor(time / every))),
});
