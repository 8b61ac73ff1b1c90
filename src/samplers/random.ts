import { z } from "zod";
import { defineSampler } from "../core/define.js";
import { sampleParams } from "../core/search-space.js";

/**
 * Random search: every param from its own (log-)uniform distribution, rejected and drawn again while a
 * constraint is broken. The baseline that every other sampler must beat, and hard to beat in many dimensions
 * (Bergstra and Bengio, "Random search for hyper-parameter optimization", JMLR 2012).
 *
 * @example createStudy({ sampler: random() })
 */
export const random = defineSampler({
  name: "random",
  summary: "Draws every param from its own distribution; the baseline.",
  options: z.strictObject({}),
  create: (_options, { space }) => ({
    ask: (_trial, stream) => sampleParams(space, stream),
  }),
});
