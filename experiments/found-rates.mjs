// The schedule that a population found, as a file with which the trainer can retrain.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { stringify } from "yaml";
import { bestTrial, foundSchedule } from "../dist/core/index.js";
import { parseSchedule, rateAt } from "../dist/schedules/index.js";

/** The best member's schedule: its form in a file, and its rate after a number of steps. */
export function foundRates(study) {
  const { trial, value } = bestTrial(study);
  const found = foundSchedule(study, trial.number);
  // If nothing was copied, the rate is the same throughout.
  const file = found.schedules.lr ?? { constant: { rate: found.params.lr }, unit: "step" };
  const schedule = parseSchedule(file);
  return { trial, value, file, rateAfter: (steps) => rateAt(schedule, steps) };
}

/** Writes a schedule as YAML and returns the option that makes the trainer follow it. */
export function scheduleOption(path, { file }) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, stringify(file));
  return `--schedule-file=${path}`;
}
