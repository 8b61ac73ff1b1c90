import { setTimeout as pause } from "node:timers/promises";
import { CurvewiseError, isCurvewiseError } from "../core/errors.js";
import type { Lease, Storage } from "../core/storage.js";
import { isHolderGone, thisProcess } from "./process-identity.js";

/** Milliseconds until another process may take over a study whose coordinator is silent, unless options say more. */
export const LEASE_DURATION = 30_000;
/** A standby asks for the study so many times in the time of a lease, and at least every so many milliseconds. */
const TRIES_A_LEASE = 6;
const LONGEST_WAIT = 5_000;

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
  /** Called once, when there is another holder to wait for; the error names it. What it throws ends the waiting. */
  readonly onStandby: (owned: CurvewiseError) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Takes a study for this process; a standby waits until its holder gives it back, is silent for the time of its lease,
 * or is certainly gone.
 *
 * @throws CurvewiseError `STUDY_OWNED` unless it is a standby; `STANDBY_INTERRUPTED`; those of the storage
 */
export async function takeStudy(options: TakeStudyOptions): Promise<Lease> {
  const { storage, study, leaseDuration, standby, interrupted, onStandby, now } = options;
  const wait = pauseBetweenTries(leaseDuration);
  const holder = thisProcess();
  for (let waited = false; ; waited = true) {
    try {
      return await storage.acquire(study, {
        holder,
        now: now(),
        duration: leaseDuration,
        isGone: isHolderGone,
      });
    } catch (error) {
      if (!standby || !isCurvewiseError(error) || error.code !== "STUDY_OWNED") throw error;
      if (!waited) await onStandby(error);
    }
    // An abort ends the pause early; then the signal tells.
    await pause(wait, undefined, { signal: interrupted }).catch(() => {});
    if (interrupted.aborted) {
      throw new CurvewiseError("STANDBY_INTERRUPTED", `stopped waiting for study "${study}"`, {
        kind: "failure",
      });
    }
  }
}
