import type { Metrics, Note, Reported } from "../events.js";
import { goalsOf } from "../goals/trial-result.js";
import type { Study } from "../study.js";
import { lastStep, type Trial } from "../trial.js";

/**
 * The events to record for a report: the report itself, preceded by a note if it is the trial's first and lacks a
 * goal metric that no trial has reported yet: programs may report it only now and then.
 */
export function reportEvents(
  { definition, trials, notes }: Study,
  trial: Trial,
  step: number,
  metrics: Metrics,
): (Note | Reported)[] {
  const { number, attempt } = trial;
  const reported: Reported = { type: "reported", trial: number, attempt, step, metrics };
  if (lastStep(trial) > 0) return [reported];
  // Where there are several goals, those measured only at the end are named once.
  const isNoted = notes.some(({ code }) => code === "METRIC_ABSENT");
  const absent = goalsOf(definition.goal)
    .map(({ metric }) => metric)
    .filter((metric) => !Object.hasOwn(metrics, metric) && !(isNoted && metric !== definition.goal.metric))
    .filter((metric) => !trials.some(({ curve }) => curve.metrics.has(metric)));
  if (absent.length === 0) return [reported];
  const names = Object.keys(metrics).join(", ");
  const lacking = absent.map((metric) => `"${metric}"`).join(" and ");
  const note: Note = {
    type: "note",
    trial: number,
    code: "METRIC_ABSENT",
    message: `the first report of trial ${number} has ${names}, but not the goal metric${absent.length === 1 ? "" : "s"} ${lacking}`,
    hint: `A trial whose training never reports ${absent.length === 1 ? "the goal metric" : "them"} fails when it ends.`,
  };
  return [note, reported];
}
