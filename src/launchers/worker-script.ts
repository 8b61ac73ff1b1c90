import { quoteFor } from "./shell-line.js";

/** What {@link workerScript} needs. */
export interface WorkerScriptOptions {
  /** The command that starts a worker, with absolute paths. */
  readonly worker: readonly string[];
  /** Lines for the batch system, below the first one. */
  readonly directives: readonly string[];
  /** A shell expression for the job's id, as given at its submission. */
  readonly job: string;
  /** A shell command that has the batch system start this job again. */
  readonly requeue?: string;
}

/** Words as one line that a POSIX shell splits into the same words. */
export const shellWords = (words: readonly string[]): string =>
  words.map((word) => quoteFor("none", word)).join(" ");

/**
 * The script of a job that is one worker. Batch systems differ in which processes of a job they signal: some
 * signal only the shell, some all, trainings included. The shell therefore never ends before its worker, and
 * passes on every signal as USR1, which a worker may get any number of times.
 *
 * USR1: time is nearly up, and the job is to continue later. USR2: the worker is to end for good. TERM: the
 * job is being ended.
 */
export function workerScript({ worker, directives, job, requeue }: WorkerScriptOptions): string {
  return `#!/bin/bash
${directives.map((line) => `${line}\n`).join("")}# Written by curvewise: a worker of a study, which takes trials until there are no more.
job=${job}
worker=
again=
hand_on() { [ -z "$worker" ] || kill -USR1 "$worker" 2>/dev/null; }
trap 'again=yes; hand_on' USR1
trap 'again=; hand_on' USR2
# Where all processes are signalled, the worker has its own TERM first: a second one would mean "at once".
trap 'again=; sleep 1; hand_on' TERM
${shellWords(worker)} --label "job=$job" &
worker=$!
[ -z "$again" ] || hand_on
while wait "$worker"; code=$?; kill -0 "$worker" 2>/dev/null; do :; done
${requeue === undefined ? "" : `if [ -n "$again" ] && [ "$code" -ne 0 ]; then ${requeue}; fi\n`}exit "$code"
`;
}
