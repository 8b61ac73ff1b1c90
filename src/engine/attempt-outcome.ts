import type { Failure } from "../core/events.js";
import type { AttemptEnd } from "../core/launcher.js";
import type { Trial } from "../core/trial.js";

/**
 * What is wrong with an attempt that ended without having been told to; undefined when nothing is: the trial is
 * complete.
 *
 * @param value the goal metric's last value, if it was ever reported
 */
export function failureOfEnd(
  end: AttemptEnd,
  value: number | undefined,
  trial: Trial | undefined,
  metric: string,
): Failure | undefined {
  if (end.kind === "failed") return end.error;
  if (value !== undefined) return undefined;
  const reported = [...(trial?.curve.metrics.keys() ?? [])];
  if (reported.length === 0) {
    return {
      code: "NOTHING_REPORTED",
      message: "the training ended without reporting anything",
      hint: 'Report over CURVEWISE_SOCKET, or print lines such as: curvewise {"step":1,"loss":0.5}',
    };
  }
  return {
    code: "METRIC_MISSING",
    message: `the training never reported the goal metric "${metric}"; it reported ${reported.join(", ")}`,
    hint: "Name one of the reported metrics in the study's goal, or report that metric.",
  };
}
