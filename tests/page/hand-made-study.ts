import type { EventBody, StudyEvent } from "../../src/core/events.js";
import type { Direction } from "../../src/core/goal.js";
import { float, type Params, type Space } from "../../src/core/param.js";
import { applyEvent, beginStudy } from "../../src/core/study-fold.js";
import type { GeneratedStudy } from "./generated-study.js";

/** A trial as a test writes it: the loss at steps 1, 2, 3 and so on, and what became of it. */
export interface HandMadeTrial {
  readonly loss: readonly number[];
  readonly state?: "complete" | "stopped" | "failed" | "running";
  readonly params?: Params;
}

/** Settings of the study itself. */
export interface HandMadeOptions {
  readonly direction?: Direction;
  readonly space?: Space;
  readonly maxSteps?: number;
}

/** A study whose trials ran one after the other. */
export function handMadeStudy(
  trials: readonly HandMadeTrial[],
  options: HandMadeOptions = {},
): GeneratedStudy {
  const { direction = "minimize", space = { lr: float(0.001, 1, { log: true }) }, maxSteps = 4 } = options;
  const created: StudyEvent = {
    type: "study-created",
    time: 0,
    definition: {
      name: "by hand",
      goal: { metric: "loss", direction },
      space,
      constraints: [],
      maxSteps,
      sampler: { name: "random", options: {} },
      scheduler: { name: "none", options: {} },
      budget: {},
      seed: 1,
      retries: 0,
    },
  };
  const study = beginStudy(created);
  const events: StudyEvent[] = [created];
  const record = (body: EventBody): void => {
    const event = { ...body, time: 1000 * events.length };
    applyEvent(study, event);
    events.push(event);
  };
  for (const [trial, { loss, state = "complete", params = { lr: 0.1 } }] of trials.entries()) {
    record({ type: "trial-asked", trial, params, seed: trial, sampler: "random" });
    record({ type: "attempt-started", trial, attempt: 1, worker: "w", fromStep: 0 });
    for (const [index, value] of loss.entries()) {
      record({ type: "reported", trial, attempt: 1, step: index + 1, metrics: { loss: value } });
    }
    if (state === "failed") {
      const error = { code: "PROGRAM_FAILED", message: "exit code 1" };
      record({ type: "failed", trial, attempt: 1, error, output: ["out of memory"], retry: false });
    } else if (state !== "running") record({ type: "finished", trial, attempt: 1, state });
  }
  return { study, events };
}
