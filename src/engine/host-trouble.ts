import { CurvewiseError } from "../core/errors.js";
import type { Note } from "../core/events.js";
import type { Failure } from "../core/failure.js";
import type { AttemptEnd } from "../core/launcher.js";
import type { LiveAttempt } from "./attempts.js";
import type { Failures, Outcome, Place } from "./worker-health.js";

/** What an attempt's end tells about its place; undefined: nothing. */
export function outcomeOf(
  { step, fromStep }: Pick<LiveAttempt, "step" | "fromStep">,
  end: AttemptEnd,
): Outcome | undefined {
  if (end.kind === "not-started") return end;
  if (step > fromStep) return { kind: "fruitful" };
  if (end.kind === "failed") return { kind: "fruitless", error: end.error };
  return undefined;
}

/** Whether a worker should leave a trial to others, since it failed on this host, or at least on this worker. */
export function shouldAvoid({ processes, hosts }: Failures, place: Place, others: Iterable<Place>): boolean {
  if (!hosts.has(place.host)) return false;
  const present = [...others];
  if (present.some(({ host }) => !hosts.has(host))) return true;
  return processes.has(place.process) && present.some(({ process }) => !processes.has(process));
}

/**
 * Whether a trial that failed before its first report may have failed because of its host: it has not failed on two
 * hosts, and there is another one, or the same holds for workers.
 */
export function mayBeHost({ processes, hosts }: Failures, others: Iterable<Place>): boolean {
  for (const other of others) {
    if (hosts.size < 2 && !hosts.has(other.host)) return true;
    if (processes.size < 2 && !processes.has(other.process)) return true;
  }
  return false;
}

/** The note of a worker that gets no trials for some milliseconds. */
export function restNote({ process, host }: Place, rest: number, { code, message, hint }: Failure): Note {
  return {
    type: "note",
    code: "WORKER_RESTS",
    message: `worker ${process} on ${host} does not get trainings going and rests for ${rest / 1000} s; last: ${code}: ${message}`,
    hint: hint ?? "Check the program, its interpreter, TMPDIR and the disk on that host.",
  };
}

/** The error of a study whose only host starts nothing. */
export function brokenHost({ host }: Place, { message, hint }: Failure): CurvewiseError {
  return new CurvewiseError("HOST_FAILING", `${host} could not start any training for minutes: ${message}`, {
    hint: `${hint === undefined ? "" : `${hint} `}Then run the study again: no trial was lost.`,
    kind: "failure",
  });
}
