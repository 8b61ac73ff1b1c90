import { z } from "zod";
import { checkExactlyOne } from "../core/exactly-one.js";
import { integerPower } from "./integer-power.js";
import { defineSchedule } from "./schedule-definition.js";

const isRising = (times: readonly number[]): boolean =>
  times.every((time, index) => index === 0 || time > (times[index - 1] ?? time));

/**
 * A few large steps down: rate(t) = rate * factor ^ k, where k is how many of `milestones` are at or before t, or
 * floor(t / every). In PyTorch: MultiStepLR and StepLR. The usual schedule of residual networks (He et al., "Deep
 * residual learning for image recognition", CVPR 2016).
 *
 * @example step({ rate: 0.1, milestones: [32_000, 48_000] }) // 0.1, 0.01, 0.001
 */
export const step = defineSchedule({
  name: "step",
  summary: "Multiplied by a factor at milestones, or at regular intervals.",
  options: z
    .strictObject({
      rate: z.number().positive().describe("The rate at the beginning."),
      factor: z.number().positive().default(0.1).describe("What the rate is multiplied by at each step."),
      milestones: z
        .array(z.number().positive())
        .min(1)
        .refine(isRising, "the milestones must increase")
        .exactOptional()
        .describe("When the rate is multiplied, in the schedule's unit; give either this or `every`."),
      every: z
        .int()
        .min(1)
        .exactOptional()
        .describe("The interval between multiplications, in the schedule's unit."),
    })
    .check(checkExactlyOne(["milestones", "every"])),
  rateAt: ({ rate, factor, milestones, every }, time) => {
    const passed =
      milestones === undefined
        ? Math.floor(time / (every ?? 1))
        : milestones.filter((milestone) => milestone <= time).length;
    return rate * integerPower(factor, passed);
  },
});
