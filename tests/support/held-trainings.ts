import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Trainings of `programs/formula.mjs` that come to a certain step and no further, until they are let go. */
export interface HeldTrainings {
  /** What the program is to be told. */
  readonly options: readonly string[];
  /** Has them go on. */
  letGo(): void;
}

/**
 * Holds trainings, so that what a test does meanwhile finds them at work however slow the machine is.
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
