import type { Metrics, Note, Reported } from "../events.js";
import type { Study } from "../study.js";
import { lastStep, type Trial } from "../trial.js";

/**
 * The events to record for a report: the report itself, preceded by a note if it is the trial's first and lacks the
 * goal metric, which no trial has reported yet: programs may report it only now and then.
 */
export function reportEvents(
  { definition, trials }: Study,
  trial: Trial,
  step: number,
  metrics: Metrics,
): (Note | Reported)[] {
  const { metric } = definition.goal;
  const { number, attempt } = trial;
  const reported: Reported = { type: "reported", trial: number, attempt, step, metrics };
  if (lastStep(trial) > 0 || Object.hasOwn(metrics, metric)) return [reported];
  if (trials.some(({ curve }) => curve.metrics.has(metric))) return [reported];
  const names = Object.keys(metrics).join(", ");
  const note: Note = {
    type: "note",
    trial: number,
    code: "METRIC_ABSENT",
    message: `the first report of trial ${number} has ${names}, but not the goal metric "${metric}"`,
    hint: "A trial whose training never reports the goal metric fails when it ends.",
  };
  return [note, reported];
}
