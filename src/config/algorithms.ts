import type { Algorithm, Algorithms } from "../core/algorithm-schema.js";
import type { SamplerChoice } from "../core/sampler.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import { samplers } from "../samplers/index.js";
import { schedulers } from "../schedulers/index.js";

export { chooseAlgorithm } from "../core/algorithm-schema.js";

/** Every sampler that `study.yaml` may name. */
export function knownSamplers(): Algorithms<SamplerChoice> {
  return new Map<string, Algorithm<SamplerChoice>>(
    Object.entries(samplers).map(([name, definition]) => {
      const { summary, options } = definition;
      return [name, { summary, options, choose: definition }];
    }),
  );
}

/** Every scheduler that `study.yaml` may name. */
export function knownSchedulers(): Algorithms<SchedulerChoice> {
  return new Map<string, Algorithm<SchedulerChoice>>(
    Object.entries(schedulers).map(([name, definition]) => {
      const { summary, options } = definition;
      return [name, { summary, options, choose: definition }];
    }),
  );
}
