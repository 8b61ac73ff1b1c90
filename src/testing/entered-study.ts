import type { EventBody } from "../core/events.js";
import type { Params } from "../core/param.js";
import type { SamplerChoice } from "../core/sampler.js";
import type { SearchSpace } from "../core/search-space.js";
import type { Study } from "../core/study.js";
import { applyEvent } from "../core/study-fold.js";
import { studyRecord } from "../core/study-record.js";
import { createRandom, PURPOSE } from "../math/random.js";

/** A study whose trials a test enters one by one, to see what a sampler makes of them. */
export interface EnteredStudy {
  readonly study: Study;
  /** Begins a trial; its number. @param by the sampler that proposed it; by default the one of the study */
  start(params: Params, by?: string): number;
  /** Reports values of a running trial at consecutive steps. */
  report(trial: number, from: number, values: readonly number[]): void;
  /** Ends a running trial. */
  end(trial: number, state: "complete" | "stopped"): void;
  /** Enters a trial that reached the last step with a value. */
  complete(params: Params, loss: number, by?: string): void;
  /** Enters a trial that failed. */
  fail(params: Params): void;
  /** What would be proposed for the next trial, with each of several streams. */
  proposals(count: number): Params[];
}

/** Creates a study that minimises `loss`. */
export function enteredStudy(
  space: SearchSpace,
  choice: SamplerChoice,
  { maxSteps, seed }: { readonly maxSteps: number; readonly seed: number },
): EnteredStudy {
  const goal = { metric: "loss", direction: "minimize" } as const;
  const sampler = choice.create({ space, goal, maxSteps, seed });
  const study = studyRecord(
    {
      name: "entered",
      goal,
      space: space.params,
      constraints: space.constraints.map(({ name }) => name),
      maxSteps,
      sampler: { name: choice.name, options: {} },
      scheduler: { name: "any", options: {} },
      budget: {},
      seed,
      retries: 0,
    },
    0,
  );
  const push = (body: EventBody): void => {
    const event = { ...body, time: study.events };
    applyEvent(study, event);
    sampler.observe?.(event, study);
  };
  const start = (params: Params, by = choice.name): number => {
    const trial = study.trials.length;
    push({ type: "trial-asked", trial, params, seed: trial, sampler: by });
    push({ type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 });
    return trial;
  };
  const report = (trial: number, from: number, values: readonly number[]): void => {
    for (const [place, loss] of values.entries())
      push({ type: "reported", trial, attempt: 1, step: from + place, metrics: { loss } });
  };
  const end = (trial: number, state: "complete" | "stopped"): void =>
    push({ type: "finished", trial, attempt: 1, state });
  return {
    study,
    start,
    report,
    end,
    complete: (params, loss, by) => {
      const trial = start(params, by);
      report(trial, maxSteps, [loss]);
      end(trial, "complete");
    },
    fail: (params) => {
      const error = { code: "PROGRAM_FAILED", message: "exit code 1" } as const;
      push({ type: "failed", trial: start(params), attempt: 1, error, output: [], retry: false });
    },
    proposals: (count) =>
      Array.from({ length: count }, (_, stream) =>
        sampler.ask(study.trials.length, createRandom(stream, 0, PURPOSE.params), study),
      ).filter((params) => params !== undefined),
  };
}
