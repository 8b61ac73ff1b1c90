import { z } from "zod";
import { defineSchedule } from "./schedule-definition.js";

/**
 * The same rate throughout: rate(t) = rate. The best constant rate is what every other schedule must beat.
 *
 * @example rateAt(constant({ rate: 0.1 }), 500) // 0.1
 */
export const constant = defineSchedule({
  name: "constant",
  summary: "The same rate throughout.",
  options: z.strictObject({
    rate: z.number().min(0).describe("The rate."),
  }),
  rateAt: ({ rate }) => rate,
});
