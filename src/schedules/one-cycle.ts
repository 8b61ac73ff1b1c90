import { z } from "zod";
import { defineSchedule } from "./schedule-definition.js";

/** A phase of the cycle: where it ends, and the rate there. */
interface Phase {
  readonly end: number;
  readonly rate: number;
}

/**
 * One cycle (Smith and Topin, "Super-convergence: very fast training of neural networks using large learning rates",
 * 2018): from rate / startDivisor up to `rate`, and down to rate / startDivisor / endDivisor. With two phases it falls
 * in one; with three it first falls back to the initial rate in the time that the rise took, and then on to the final
 * rate. With T = duration and r = rise, the phases end at r T - 1 and T - 1, or r T - 1, 2 r T - 2 and T - 1: the last
 * of T iterations, T - 1, has the lowest rate, which holds from then on. Within a phase from rate a to b, once a share
 * p of it is over, the rate is b + (a - b) * (1 + cos(pi p)) / 2, or a + (b - a) * p with `anneal: linear`.
 *
 * As in PyTorch's OneCycleLR, whose default of two phases is fast.ai's variant; the paper has three. Momentum does not
 * change.
 *
 * @example oneCycle({ rate: 0.1, duration: 10_000 })
 */
export const oneCycle = defineSchedule({
  name: "one-cycle",
  summary: "Rises to a peak, then falls far below where it began.",
  options: z
    .strictObject({
      rate: z.number().positive().describe("The rate at the peak."),
      duration: z.int().min(2).describe("How long the cycle lasts, in the schedule's unit."),
      rise: z.number().min(0).lt(1).default(0.3).describe("The share of the cycle in which the rate rises."),
      anneal: z
        .enum(["cosine", "linear"])
        .default("cosine")
        .describe("The shape of the rate within a phase."),
      startDivisor: z.number().min(1).default(25).describe("The first rate is the peak divided by this."),
      endDivisor: z.number().min(1).default(10_000).describe("The last rate is the first divided by this."),
      phases: z
        .literal([2, 3])
        .default(2)
        .describe(
          "2: up, then down; 3: up, back down, then further down, which needs a `rise` of at most 0.5.",
        ),
    })
    .refine(({ phases, rise, duration }) => phases === 2 || (rise <= 0.5 && rise * duration > 1), {
      path: ["rise"],
      message: "three phases need a rise of at most 0.5 that lasts more than one iteration",
    }),
  rateAt: ({ rate: peak, duration, rise, anneal, startDivisor, endDivisor, phases }, time) => {
    const first = peak / startDivisor;
    const top: Phase = { end: rise * duration - 1, rate: peak };
    const bottom: Phase = { end: duration - 1, rate: first / endDivisor };
    const back: Phase = { end: 2 * rise * duration - 2, rate: first };
    let from: Phase = { end: 0, rate: first };
    for (const phase of phases === 2 ? [top, bottom] : [top, back, bottom]) {
      if (time <= phase.end) {
        const share = (time - from.end) / (phase.end - from.end);
        if (Number.isNaN(share)) return phase.rate;
        return anneal === "linear"
          ? from.rate + (phase.rate - from.rate) * share
          : phase.rate + ((from.rate - phase.rate) * (1 + Math.cos(Math.PI * share))) / 2;
      }
      from = phase;
    }
    return bottom.rate;
  },
});
