import type { StudyDefinition } from "./study-definition.js";
import type { Trial } from "./trial.js";

/**
 * Whether a trial is still as it was imported: another tool trained it, and nothing was started here. Trials of a study
 * that goes on after its import are not.
 */
export const isAsImported = (
  definition: Pick<StudyDefinition, "imported">,
  { attempt, sampler }: Pick<Trial, "attempt" | "sampler">,
): boolean => attempt === 1 && definition.imported !== undefined && sampler === definition.imported.tool;
