import { z } from "zod";
import { defineScheduler } from "../core/define.js";

/**
 * Never stops a training. What a study uses whose trainings are cheap, and what random search is without early
 * stopping.
 *
 * @example createStudy({ scheduler: none() })
 */
export const none = defineScheduler({
  name: "none",
  forgets: true,
  summary: "Trains every trial to its end.",
  options: z.strictObject({}),
  create: () => ({
    restore: () => {},
    observe: () => {},
    decide: () => ({ action: "continue" }),
  }),
});
