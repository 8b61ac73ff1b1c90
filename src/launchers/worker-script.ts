import { quoteFor } from "./shell-line.js";

/** What {@link workerScript} needs. */
export interface WorkerScriptOptions {
  /** The command that starts a worker, with absolute paths. */
  readonly worker: readonly string[];
  /** Lines for the batch system, below the first one. */
  readonly directives: readonly string[];
  /** A shell's expression for the job's id, as it is told at its submission. */
  readonly job: string;
  /** Has the batch system start this very job again; a line for the shell. */
  readonly requeue?: string;
}

/** Words as one line that a POSIX shell takes apart into the same words. */
export const shellWords = (words: readonly string[]): string =>
  words.map((word) => quoteFor("none", word)).join(" ");

/**
 * The script of a job that is one worker. Batch systems signal a job's processes in their own ways: some only the shell,
 * some all of them, the trainings too. The shell therefore never ends before its worker, and hands on every signal as
 * USR1, of which a worker may get any number.
 *
 * USR1: time is nearly up, the job is to go on later. USR2: the worker is to end for good. TERM: the job is being ended.
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
