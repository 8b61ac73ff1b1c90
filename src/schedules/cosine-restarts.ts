import { z } from "zod";
import { defineSchedule } from "./schedule-definition.js";

/**
 * Cosine decay that restarts repeatedly (Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts",
 * ICLR 2017): rate(t) = final + (rate - final) * (1 + cos(pi s / p)) / 2, where the current cycle began s before t and
 * lasts p. The first cycle lasts `period`, each later one `multiplier` times as long as the one before; a cycle begins
 * with `rate`, and `final` itself is never reached. In PyTorch: CosineAnnealingWarmRestarts.
 *
 * @example cosineRestarts({ rate: 0.1, period: 1_000, multiplier: 2 }) // restarts at 1,000, 3,000, 7,000, ..
 */
export const cosineRestarts = defineSchedule({
  name: "cosine-restarts",
  summary: "Cosine decay that restarts at growing intervals.",
  options: z.strictObject({
    rate: z.number().positive().describe("The rate at the beginning of each cycle."),
    period: z.int().min(1).describe("How long the first cycle lasts, in the schedule's unit."),
    multiplier: z
      .int()
      .min(1)
      .default(1)
      .describe("How many times longer each cycle lasts than the one before."),
    final: z.number().min(0).default(0).describe("The rate that each cycle falls towards."),
  }),
  rateAt: ({ rate, period: first, multiplier, final }, time) => {
    let period = first;
    let since = time;
    if (multiplier === 1) since %= period;
    else {
      while (since >= period) {
        since -= period;
        period *= multiplier;
      }
    }
    return final + ((rate - final) * (1 + Math.cos((Math.PI * since) / period))) / 2;
  },
});
