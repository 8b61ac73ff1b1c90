import { z } from "zod";
import { defineSchedule } from "./schedule-definition.js";

/**
 * Polynomial decay: rate(t) = final + (rate - final) * (1 - t / duration) ^ power, and `final` from `duration` on.
 * Power 1 is a straight line. In PyTorch: PolynomialLR, whose `final` is 0.
 *
 * @example polynomial({ rate: 0.1, duration: 10_000, power: 2 })
 */
export const polynomial = defineSchedule({
  name: "polynomial",
  summary: "Falls along a polynomial, by default a straight line.",
  options: z.strictObject({
    rate: z.number().positive().describe("The rate at the beginning."),
    duration: z.int().min(1).describe("When the rate reaches `final`, in the schedule's unit."),
    power: z.number().positive().default(1).describe("The polynomial's power."),
    final: z.number().min(0).default(0).describe("The rate at the end, and from then on."),
  }),
  rateAt: ({ rate, duration, power, final }, time) =>
    final + (rate - final) * (1 - Math.min(time, duration) / duration) ** power,
});
