import { CurvewiseError } from "../errors.js";
import type { Params } from "../param.js";

/**
 * For samplers that cannot choose among given params.
 *
 * @throws CurvewiseError `OPTIONS_INVALID` when there are candidates to choose from
 */
export function refuseCandidates(sampler: string, candidates: readonly Params[] | undefined): void {
  if (candidates === undefined) return;
  throw new CurvewiseError(
    "OPTIONS_INVALID",
    `sampler ${sampler} cannot choose among the params of a table`,
    {
      hint: "Use the sampler `random`.",
    },
  );
}
