import { setTimeout as pause } from "node:timers/promises";
import { CurvewiseError, isCurvewiseError } from "../core/errors.js";
import type { Lease, Storage } from "../core/storage.js";
import { isHolderGone, thisProcess } from "./process-identity.js";

/** Milliseconds until another process may take over a study whose coordinator is silent, by default. */
export const LEASE_DURATION = 30_000;
/** A standby asks for the study this many times per lease, and at least once per this many milliseconds. */
const TRIES_A_LEASE = 6;
const LONGEST_WAIT = 5_000;
/**
 * Whoever carries out requests of a study that nobody runs has it for a moment: a process that would run the study tries
 * so often to take it, with so many milliseconds between.
 */
const TRIES = 10;
const BETWEEN_TRIES = 100;

/** Milliseconds between two tries of a standby. @param leaseDuration in milliseconds */
export function pauseBetweenTries(leaseDuration: number): number {
  return Math.min(leaseDuration / TRIES_A_LEASE, LONGEST_WAIT);
}

/** What {@link takeStudy} needs. */
export interface TakeStudyOptions {
  readonly storage: Storage;
  readonly study: string;
  /** Milliseconds. */
  readonly leaseDuration: number;
  /** Wait while another process has the study, instead of failing. */
  readonly standby: boolean;
  /** Ends the waiting. */
  readonly interrupted: AbortSignal;
  /**
   * Called once, if there is another holder to wait for; the error names it. If it throws, the waiting ends.
   */
  readonly onStandby: (owned: CurvewiseError) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Takes a study for this process; a standby waits until the holder gives it back, is silent for the length of
 * its lease, or is certainly gone.
 *
 * @throws CurvewiseError `STUDY_OWNED` unless it is a standby; `STANDBY_INTERRUPTED`; those of the storage
 */
export async function takeStudy(options: TakeStudyOptions): Promise<Lease> {
  const { storage, study, leaseDuration, standby, interrupted, onStandby, now } = options;
  const holder = thisProcess();
  const wait = standby ? pauseBetweenTries(leaseDuration) : BETWEEN_TRIES;
  for (let tries = 1; ; tries += 1) {
    try {
      return await storage.acquire(study, {
        holder,
        now: now(),
        duration: leaseDuration,
        isGone: isHolderGone,
      });
    } catch (error) {
      if (!isCurvewiseError(error) || error.code !== "STUDY_OWNED") throw error;
      if (!standby && tries >= TRIES) throw error;
      if (standby && tries === 1) await onStandby(error);
    }
    // An abort ends the pause early; the signal is checked next.
    await pause(wait, undefined, { signal: interrupted }).catch(() => {});
    if (interrupted.aborted) {
      throw new CurvewiseError("STANDBY_INTERRUPTED", `stopped waiting for study "${study}"`, {
        kind: "failure",
      });
    }
  }
}
