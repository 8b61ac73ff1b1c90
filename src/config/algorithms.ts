import type { SamplerChoice } from "../core/sampler.js";
import type { SchedulerChoice } from "../core/scheduler.js";
import { samplers } from "../samplers/index.js";
import { schedulers } from "../schedulers/index.js";
import type { Algorithm, Algorithms } from "./study-schema.js";

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

/** Reads `name` or `{name: options}`, checked by the schema before; undefined when the name is unknown. */
export function chooseAlgorithm<Choice>(algorithms: Algorithms<Choice>, input: unknown): Choice | undefined {
  if (typeof input === "string") return algorithms.get(input)?.choose();
  if (typeof input !== "object" || input === null) return undefined;
  const given = Object.entries(input).find(([, options]) => options !== undefined);
  return given === undefined ? undefined : algorithms.get(given[0])?.choose(given[1]);
}
