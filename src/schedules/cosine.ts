import { z } from "zod";
import { defineSchedule } from "./schedule-definition.js";

/**
 * Half a period of a cosine: rate(t) = final + (rate - final) * (1 + cos(pi t / duration)) / 2, and `final` from
 * `duration` on (Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017, without the
 * restarts). In PyTorch: CosineAnnealingLR, which rises again after `duration`.
 *
 * @example cosine({ rate: 0.1, duration: 10_000 })
 */
export const cosine = defineSchedule({
  name: "cosine",
  summary: "Falls along half a cosine: slowly, fast, slowly.",
  options: z.strictObject({
    rate: z.number().positive().describe("The rate at the beginning."),
    duration: z.int().min(1).describe("When the rate reaches `final`, in the schedule's unit."),
    final: z.number().min(0).default(0).describe("The rate at the end, and from then on."),
  }),
  rateAt: ({ rate, duration, final }, time) =>
    final + ((rate - final) * (1 + Math.cos((Math.PI * Math.min(time, duration)) / duration))) / 2,
});
