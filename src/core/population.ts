import type { StudyDefinition } from "./study-definition.js";

/** The size of the population that the scheduler trains side by side; undefined for schedulers without one. */
export function populationOf({ scheduler }: Pick<StudyDefinition, "scheduler">): number | undefined {
  const { population } = scheduler.options;
  return typeof population === "number" ? population : undefined;
}
