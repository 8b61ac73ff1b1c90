import { describe } from "vitest";
import { type Law, testLaws } from "./laws.js";
import { changeLaws } from "./sampler-contract/change-laws.js";
import { logLaws } from "./sampler-contract/log-laws.js";
import { priorLaws } from "./sampler-contract/prior-laws.js";
import { searchLaws } from "./sampler-contract/search-laws.js";
import type { Choose, SamplerExpectations, SamplerSubject } from "./sampler-contract/simulated-sampler.js";

export type { SamplerExpectations } from "./sampler-contract/simulated-sampler.js";

/** All laws for samplers. */
export const samplerLaws: readonly Law<SamplerSubject>[] = [
  ...logLaws,
  ...searchLaws,
  ...changeLaws,
  ...priorLaws,
];

/** A sampler with its expectations; defaults apply to most samplers. */
export function samplerSubject(choose: Choose, expectations: SamplerExpectations): SamplerSubject {
  const { independent = false, learns = !independent, repeats = false, local = false } = expectations;
  return { choose, independent, learns, repeats, local };
}

/**
 * The contract of every sampler, over random search spaces and randomly generated studies with 1 to 64 trials in
 * flight, and over spaces that show whether it searches at all. Call it in a vitest test file:
 *
 * @param name the heading of the tests
 * @param choose creates the sampler for a space; its options may depend on the space
 * @example samplerContract("random", () => random(), { independent: true, repeats: true })
 */
export function samplerContract(name: string, choose: Choose, expectations: SamplerExpectations = {}): void {
  describe(`sampler ${name} keeps the contract`, () => {
    testLaws(samplerSubject(choose, expectations), samplerLaws);
  });
}
