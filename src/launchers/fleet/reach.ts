import { isCurvewiseError } from "../../core/errors.js";
import type { Fleet, Notice } from "./fleet-state.js";

/** A fleet, and what to report about it. */
export interface Told {
  readonly fleet: Fleet;
  readonly notices: readonly Notice[];
}

/** What a person is told once. */
export const toldOnce = (fleet: Fleet, key: string, notice: Notice): Told =>
  fleet.told.has(key)
    ? { fleet, notices: [] }
    : { fleet: { ...fleet, told: new Set([...fleet.told, key]) }, notices: [notice] };

/** The batch system did what it was asked to. */
export const reached = (fleet: Fleet): Told => ({
  fleet: { ...fleet, isReached: true },
  notices: fleet.isReached ? [] : [{ text: `${fleet.batch.name} answers again` }],
});

/**
 * It did not: what is told where that may pass by itself, which each silence and each refusal is once; undefined where it
 * does not pass.
 */
export function lapse(fleet: Fleet, error: unknown): Told | undefined {
  if (!isCurvewiseError(error)) return undefined;
  const { code, message } = error;
  const notice = {
    text: `${message}; workers that run go on, and ${fleet.batch.name} is asked again`,
  };
  if (code === "BATCH_REFUSED" && fleet.isAccepted) return toldOnce(fleet, `refusal: ${message}`, notice);
  if (code !== "BATCH_UNREACHABLE") return undefined;
  return { fleet: { ...fleet, isReached: false }, notices: fleet.isReached ? [notice] : [] };
}
