import { TRIAL_STATES } from "../core/trial.js";
import type { CurveColumns } from "./curve-columns.js";
import type { ViewedStudy } from "./viewed-study.js";

/**
 * The curves of a metric, whole, of all trials that changed after an event; a trial without a report of the metric is
 * left out, unless it had one before.
 *
 * @param since a place in the log; 0: all trials
 */
export function viewCurves({ study, log }: ViewedStudy, metric: string, since: number): CurveColumns {
  const chosen = study.trials.filter(
    ({ number, curve }) => log.changedAt(number) > since && (curve.metrics.has(metric) || since > 0),
  );
  const sizes = chosen.map(({ curve }) => (curve.metrics.has(metric) ? curve.steps.length : 0));
  const points = sizes.reduce((sum, size) => sum + size, 0);
  const offsets = new Uint32Array(chosen.length + 1);
  const steps = new Float32Array(points);
  const values = new Float32Array(points);
  let at = 0;
  for (const [place, { curve }] of chosen.entries()) {
    const column = curve.metrics.get(metric) ?? [];
    for (let index = 0; index < (sizes[place] ?? 0); index++) {
      const value = column[index] ?? Number.NaN;
      steps[at] = curve.steps[index] ?? 0;
      values[at] = Number.isFinite(value) ? value : Number.NaN;
      at += 1;
    }
    offsets[place + 1] = at;
  }
  return {
    events: study.events,
    trials: Uint32Array.from(chosen, ({ number }) => number),
    offsets,
    steps,
    values,
    states: Uint8Array.from(chosen, ({ state }) => TRIAL_STATES.indexOf(state)),
  };
}
