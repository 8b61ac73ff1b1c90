import { z } from "zod";
import { defineSchedule } from "./schedule-definition.js";

/**
 * Decay by the inverse square root: rate(t) = rate * sqrt(timescale / (timescale + t)). With a warmup as long as
 * `timescale`, it is the schedule of the Transformer (Vaswani et al., "Attention is all you need", NIPS 2017):
 * proportional to min(t / timescale ^ 1.5, 1 / sqrt(t)), and `rate` at its peak.
 *
 * @example warmUp(inverseSquareRoot({ rate: 0.001, timescale: 4_000 }), { duration: 4_000 })
 */
export const inverseSquareRoot = defineSchedule({
  name: "inverse-square-root",
  summary: "Falls by the inverse square root, without end.",
  options: z.strictObject({
    rate: z.number().positive().describe("The rate at the beginning, and the peak after a warmup."),
    timescale: z
      .int()
      .min(1)
      .describe(
        "When the rate has fallen to 1/sqrt(2), in the schedule's unit; choose the warmup's duration, if any.",
      ),
  }),
  rateAt: ({ rate, timescale }, time) => rate * Math.sqrt(timescale / (timescale + time)),
});
