/** So often in a row are jobs handed in again whose workers ended within seconds of their start. */
export const ROUNDS = 3;
/** The longest pause before that, in milliseconds. */
const LONGEST_BACKOFF = 60_000;

/**
 * How quickly jobs may be handed in:
 *
 * | state          | a worker ended at once     | one runs steadily     | jobs are missing                            |
 * | -------------- | -------------------------- | --------------------- | ------------------------------------------- |
 * | `calm`         | `struck`                   |                       | hand in                                     |
 * | `struck`       | `struck`, by that one      |                       | `holding back`, or give up after the rounds |
 * | `holding back` | `struck`, after its rounds | no rounds count       | hand in, once the time has come             |
 */
export type Pace =
  | { readonly is: "calm" }
  | { readonly is: "struck"; readonly rounds: number; readonly job: string }
  /** `until`: milliseconds since 1970. */
  | { readonly is: "holding back"; readonly rounds: number; readonly until: number };

const roundsOf = (pace: Pace): number => (pace.is === "calm" ? 0 : pace.rounds);

/** A job's workers ended within seconds of their start. */
export const struck = (pace: Pace, job: string): Pace => ({ is: "struck", rounds: roundsOf(pace), job });

/** A worker has run for so long that it came to train. */
export const steadied = (pace: Pace): Pace => (pace.is === "holding back" ? { ...pace, rounds: 0 } : pace);

/** Whether the time to hand in is still to come. */
export const isHeldBack = (pace: Pace, now: number): boolean =>
  pace.is === "holding back" && now < pace.until;

/** What is to be done where jobs are missing. `trouble`: the job that ended at once, where the rounds are used up. */
export type Move =
  | { readonly is: "hand in" }
  | { readonly is: "wait"; readonly pace: Pace; readonly trouble?: string }
  | { readonly is: "give up"; readonly job: string };

/**
 * Jobs are missing.
 *
 * @param isAnyRunning whether any worker runs: then nobody gives up
 */
export function moveOf(pace: Pace, now: number, isAnyRunning: boolean): Move {
  if (pace.is !== "struck") return isHeldBack(pace, now) ? { is: "wait", pace } : { is: "hand in" };
  const { job } = pace;
  const isTrouble = pace.rounds >= ROUNDS;
  if (isTrouble && !isAnyRunning) return { is: "give up", job };
  const rounds = pace.rounds + 1;
  const until = now + Math.min(LONGEST_BACKOFF, 500 * 2 ** rounds);
  return {
    is: "wait",
    pace: { is: "holding back", rounds, until },
    ...(isTrouble ? { trouble: job } : {}),
  };
}
