import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Trainings of `programs/formula.mjs` that get no further than a certain step until they are let go. */
export interface HeldTrainings {
  /** Options for the program. */
  readonly options: readonly string[];
  /** Lets them continue. */
  letGo(): void;
}

/**
 * Holds trainings, so that they are still running when the test acts, however slow the machine is.
 *
 * @param folder the study's
 * @param place before which step they are held, and from which trial on
 */
export function holdTrainings(
  folder: string,
  { step, trial = 0 }: { readonly step: number; readonly trial?: number },
): HeldTrainings {
  const file = join(folder, "held");
  writeFileSync(file, "");
  return {
    options: [`--slow-while=${file}`, `--slow-step=${step}`, `--slow-trial=${trial}`, "--slow-ms=1e9"],
    letGo: () => rmSync(file),
  };
}
