import { z } from "zod";
import { defineScheduler } from "../core/define.js";

/**
 * Never stops a training. For studies with cheap trainings, and for random search without early stopping.
 *
 * @example createStudy({ scheduler: none() })
 */
export const none = defineScheduler({
  name: "none",
  forgets: true,
  severalGoals: true,
  summary: "Trains every trial to its end.",
  options: z.strictObject({}),
  create: () => ({
    restore: () => {},
    observe: () => {},
    decide: () => ({ action: "continue" }),
  }),
});
