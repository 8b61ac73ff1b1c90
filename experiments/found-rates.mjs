// The schedule that a population found, as a file that the trainer trains again with.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { stringify } from "yaml";
import { bestTrial, foundSchedule } from "../dist/core/index.js";
import { parseSchedule, rateAt } from "../dist/schedules/index.js";

/** The best member's schedule: what it is in a file, and its rate after so many steps. */
export function foundRates(study) {
  const { trial, value } = bestTrial(study);
  const found = foundSchedule(study, trial.number);
  // Nobody had to copy anybody: the rate is the same throughout.
  const file = found.schedules.lr ?? { constant: { rate: found.params.lr }, unit: "step" };
  const schedule = parseSchedule(file);
  return { trial, value, file, rateAfter: (steps) => rateAt(schedule, steps) };
}

/** Writes a schedule as YAML and gives the option that makes the trainer follow it. */
export function scheduleOption(path, { file }) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, stringify(file));
  return `--schedule-file=${path}`;
}
