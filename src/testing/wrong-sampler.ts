import type { Sampler, SamplerChoice, SamplerSetup } from "../core/sampler.js";
import type { SamplerExpectations, SamplerSubject } from "./sampler-contract/simulated-sampler.js";
import { samplerSubject } from "./sampler-contract.js";

/** A sampler of a few lines. */
export const choiceOf = (create: (setup: SamplerSetup) => Sampler, forgets = false): SamplerChoice => ({
  name: "wrong",
  options: {},
  forgets,
  create,
});

/** A sampler under test with minimal expectations; `expectations`: what else it claims. */
export const subjectOf = (
  sampler: SamplerChoice,
  expectations: Partial<SamplerExpectations> = {},
): SamplerSubject => samplerSubject(() => sampler, { independent: false, repeats: true, ...expectations });
