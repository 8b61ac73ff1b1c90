import { CurvewiseError } from "../core/errors.js";
import { nameHint } from "../core/nearest.js";
import type { SamplerChoice } from "../core/sampler.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import { samplers } from "../samplers/index.js";
import { schedulers } from "../schedulers/index.js";

interface Named<Choice> {
  choose(options?: unknown): Choice;
}

function named<Choice>(
  noun: string,
  algorithms: readonly (readonly [string, Named<Choice>])[],
  given: Choice | string,
): Choice {
  if (typeof given !== "string") return given;
  const found = algorithms.find(([name]) => name === given);
  if (found !== undefined) return found[1].choose();
  const known = algorithms.map(([name]) => name);
  throw new CurvewiseError("STUDY_INVALID", `createStudy: there is no ${noun} "${given}"`, {
    hint: nameHint(given, known),
  });
}

/** A sampler, or the one of a name with its default options. @throws CurvewiseError `STUDY_INVALID`, `OPTIONS_INVALID` */
export const samplerOf = (given: SamplerChoice | string): SamplerChoice =>
  named<SamplerChoice>(
    "sampler",
    Object.entries(samplers).map(([name, choose]) => [name, { choose }]),
    given,
  );

/** The same for a scheduler. @throws CurvewiseError `STUDY_INVALID`, `OPTIONS_INVALID` */
export const schedulerOf = (given: SchedulerChoice | string): SchedulerChoice =>
  named<SchedulerChoice>(
    "scheduler",
    Object.entries(schedulers).map(([name, choose]) => [name, { choose }]),
    given,
  );
