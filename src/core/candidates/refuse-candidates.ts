import { CurvewiseError } from "../errors.js";
import type { Params } from "../param.js";

/**
 * For samplers that cannot choose from given params.
 *
 * @throws CurvewiseError `OPTIONS_INVALID` when the setup has candidates
 */
export function refuseCandidates(sampler: string, candidates: readonly Params[] | undefined): void {
  if (candidates === undefined) return;
  throw new CurvewiseError("OPTIONS_INVALID", `sampler ${sampler} cannot choose from the params of a table`, {
    hint: "Use the sampler `random`.",
  });
}
