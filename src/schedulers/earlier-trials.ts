import type { Study, TransferredTrial } from "../core/study.js";

/** So many trials of one study have numbers of their own below. */
const NUMBERS = 2 ** 32;

/**
 * One number for a trial of any study: this study's trials keep their own, and come before those of the first earlier
 * study, then of the second.
 *
 * @param place the earlier study's place among those that are transferred
 */
function earlierNumber(place: number, trial: number): number {
  return (place + 1) * NUMBERS + trial;
}

/** Whether a number is that of an earlier study's trial. */
export const isEarlier = (number: number): boolean => number >= NUMBERS;

/** Whose trial a number is, as an explanation names it. */
export function trialOfNumber(
  number: number,
  studies: readonly string[],
): { readonly trial: number; readonly study?: string } {
  const study = studies[Math.floor(number / NUMBERS) - 1];
  return study === undefined ? { trial: number } : { trial: number % NUMBERS, study };
}

/**
 * The trials of earlier studies that a scheduler asked for, with their numbers among those of all studies.
 *
 * @param names the studies in the order that decides between equals
 * @param only that of one study alone
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
