import type { Study, TransferredTrial } from "../core/study.js";

/** How many trial numbers are reserved for each study. */
const NUMBERS = 2 ** 32;

/**
 * A number for a trial of any study: this study's trials keep their own, followed by those of the first earlier study,
 * then the second, and so on.
 *
 * @param place the earlier study's place among the transferred ones
 */
function earlierNumber(place: number, trial: number): number {
  return (place + 1) * NUMBERS + trial;
}

/** Whether a number belongs to a trial of an earlier study. */
export const isEarlier = (number: number): boolean => number >= NUMBERS;

/** The trial behind a number, as an explanation names it. */
export function trialOfNumber(
  number: number,
  studies: readonly string[],
): { readonly trial: number; readonly study?: string } {
  const study = studies[Math.floor(number / NUMBERS) - 1];
  return study === undefined ? { trial: number } : { trial: number % NUMBERS, study };
}

/**
 * The trials of the earlier studies that a scheduler asked for, numbered across all studies.
 *
 * @param names the studies, in the order that breaks ties
 * @param only limits the result to one study
 */
export function earlierTrials(
  { transferred }: Study,
  names: readonly string[],
  only?: string,
): TransferredTrial[] {
  return names.flatMap((name, place) => {
    if (only !== undefined && only !== name) return [];
    const trials = transferred.find((each) => each.name === name)?.trials ?? [];
    return trials.map((trial) => ({ ...trial, number: earlierNumber(place, trial.number) }));
  });
}
