import { randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { CurvewiseError, isCurvewiseError, messageOf } from "../core/errors.js";
import type { StopSignal } from "../core/launcher.js";
import type { BatchJob, BatchSystem, Cancellation } from "./batch-system.js";
import {
  askedWorkers,
  type FleetJob,
  type FleetRecord,
  forgetAskedWorkers,
  readFleet,
  removeFleet,
  writeFleet,
} from "./fleet-file.js";

/** A worker that ran for less than this did not come to train anything, in milliseconds. */
const SHORT = 15_000;
/** So often in a row are jobs handed in again of which each ended within {@link SHORT}. */
const ROUNDS = 3;
/** The longest pause before that, in milliseconds. */
const LONGEST_BACKOFF = 60_000;
/** Jobs that wait for longer than this, in milliseconds, are told of, with the reason. */
const PATIENCE_PENDING = 8000;
/** The longest pauses between two looks at the jobs, in milliseconds: while some wait, and while all run. */
const LOOK_PENDING = 10_000;
const LOOK_RUNNING = 30_000;
/** The shortest, and how often the number of workers that is asked for is looked at. */
const LOOK = 1000;
/** Workers end by themselves when nothing is left to do: so long is that waited for, in milliseconds. */
const FAREWELL = 5000;
/** Jobs that were asked to end and did not are ended by the batch system after this, in milliseconds. */
const GENTLE = 120_000;
/** Cancelled jobs are waited for so long, in milliseconds. */
const LONGEST_END = 180_000;
/** Bytes of a job's output that are looked at for its last lines. */
const TAIL_BYTES = 8192;
const TAIL_LINES = 20;

/** What {@link createWorkerFleet} needs. */
export interface WorkerFleetOptions {
  /** For the record: `slurm`. Jobs of another launcher are not taken over. */
  readonly launcher: string;
  /** The study's folder. */
  readonly folder: string;
  /** How many workers there should be. */
  readonly workers: number;
  /** Makes the batch system for jobs that bear this name. */
  readonly batchFor: (fleet: string) => BatchSystem;
  /** Told what a person may want to know. */
  readonly log: (message: string) => void;
}

/** Keeps a study's number of workers. */
export interface WorkerFleet {
  /**
   * Hands in jobs, takes over those of an earlier coordinator, and replaces those that end, until `settled` fires; then
   * cancels what is left and waits until it is gone.
   *
   * @param ends `settled`: nothing is left to do, `hasMore` tells whether the study was only interrupted; `killed`:
   *   everything is to end at once
   * @throws CurvewiseError `WORKERS_FAILING` when workers end right after their start again and again, `BATCH_REFUSED`
   *   and `BATCH_NOT_FOUND` at the first submission, `FLEET_FAILED`, `FLEET_INVALID`
   */
  run(ends: {
    readonly settled: StopSignal;
    readonly hasMore: () => boolean;
    readonly killed: StopSignal;
  }): Promise<void>;
  /** Looks at the jobs now: a worker came or went. */
  wake(): void;
}

const many = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;
const sum = (jobs: readonly { readonly workers: number }[]): number =>
  jobs.reduce((total, { workers }) => total + workers, 0);

/** The last lines of a file, of the part of it that can be read; none when there is no such file. */
async function tailOf(file: string | undefined): Promise<readonly string[]> {
  if (file === undefined) return [];
  try {
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      const length = Math.min(size, TAIL_BYTES);
      const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
      return buffer.toString("utf8").trim().split("\n").slice(-TAIL_LINES);
    } finally {
      await handle.close();
    }
  } catch {
    return [];
  }
}

/** Makes the fleet of a study's workers; nothing happens before {@link WorkerFleet.run}. */
export function createWorkerFleet(options: WorkerFleetOptions): WorkerFleet {
  const { launcher, folder, batchFor, log } = options;
  let wanted = options.workers;
  let fleet = "";
  let batch: BatchSystem;
  let jobs: FleetJob[] = [];
  let written = "";
  const alarm = { isDue: false };
  /** Submissions in a row after workers that ended at once, and when the next one may be. */
  let rounds = 0;
  let notBefore = 0;
  let lastShort: string | undefined;
  let isUnreachable = false;
  const toldRefusals = new Set<string>();
  /** Whether anything was ever handed in: a first refusal is the user's to mend, a later one may pass. */
  let isAccepted = false;
  const toldReasons = new Set<string>();
  let hasToldTrouble = false;

  const record = async (): Promise<void> => {
    const now: FleetRecord = { fleet, launcher, wanted, jobs };
    const text = JSON.stringify(now);
    if (text === written) return;
    await writeFleet(folder, now);
    written = text;
  };

  /** Runs something of the batch system; undefined while that does not answer or refuses, which is told once. */
  const reached = async <Result>(act: () => Promise<Result>): Promise<Result | undefined> => {
    try {
      const result = await act();
      if (isUnreachable) log(`${batch.name} answers again`);
      isUnreachable = false;
      return result;
    } catch (error) {
      if (!isCurvewiseError(error)) throw error;
      const { code, message } = error;
      const isRefused = code === "BATCH_REFUSED" && isAccepted;
      if (code !== "BATCH_UNREACHABLE" && !isRefused) throw error;
      const isTold = isRefused ? toldRefusals.has(message) : isUnreachable;
      if (!isTold) log(`${message}; workers that run go on, and ${batch.name} is asked again`);
      if (isRefused) toldRefusals.add(message);
      else isUnreachable = true;
      return undefined;
    }
  };

  const begin = async (): Promise<void> => {
    await forgetAskedWorkers(folder);
    const known = await readFleet(folder);
    if (known !== undefined && known.launcher === launcher) {
      fleet = known.fleet;
      jobs = known.jobs;
      isAccepted = jobs.length > 0;
    } else {
      if (known !== undefined && known.jobs.length > 0) {
        log(`jobs that ${known.launcher} began for this study are left as they are: ${known.fleet}`);
      }
      fleet = `curvewise-${randomBytes(5).toString("hex")}`;
    }
    batch = batchFor(fleet);
    // The name must be known before the first job bears it, or a kill between the two would lose that job.
    await record();
    if (jobs.length > 0) {
      const seen = await reached(() => batch.list(jobs.map(({ id }) => id)));
      if (seen !== undefined) await compare(seen);
      if (jobs.length > 0) {
        log(
          `${many(sum(jobs), "worker")} of an earlier run in ${batch.name} ${sum(jobs) === 1 ? "is" : "are"} taken over`,
        );
      }
    }
  };

  /** Notes what became of the jobs. */
  const compare = async (seen: readonly BatchJob[]): Promise<void> => {
    const now = Date.now();
    const found = new Map(seen.map((job) => [job.id, job]));
    const kept: FleetJob[] = [];
    for (const job of jobs) {
      const told = found.get(job.id);
      found.delete(job.id);
      if (told === undefined && now - job.submittedAt < batch.settling * 1000) {
        kept.push(job);
      } else if (told === undefined || told.state === "ended") {
        noteEnd(job, now);
      } else {
        const { reason: _reason, host: _host, ...rest } = job;
        const { reason, host, state } = told;
        // A job that was put back waits like a new one.
        const { runningSince: _since, ...waiting } = rest;
        kept.push({
          ...(state === "pending" ? waiting : { ...rest, runningSince: job.runningSince ?? now }),
          state,
          ...(reason === undefined ? {} : { reason }),
          ...(host === undefined ? {} : { host }),
        });
      }
    }
    for (const { id, state, host } of found.values()) {
      // Handed in by a coordinator that was killed before it could note it.
      if (state === "ended") continue;
      kept.push({ id, workers: 1, state, submittedAt: now, ...(host === undefined ? {} : { host }) });
    }
    jobs = kept;
    const isAnySteady = jobs.some(
      ({ runningSince }) => runningSince !== undefined && now - runningSince > SHORT,
    );
    if (isAnySteady && lastShort === undefined) rounds = 0;
    await record();
  };

  const noteEnd = (job: FleetJob, now: number): void => {
    if (job.cancelledAt !== undefined) return;
    const { id, runningSince = job.submittedAt } = job;
    if (now - runningSince < SHORT) lastShort = id;
    else log(`${batch.name} job ${id} ended before the study`);
  };

  const giveUp = async (id: string): Promise<never> => {
    const file = batch.logOf(id);
    const lines = await tailOf(file);
    const output =
      lines.length === 0 ? "" : `; the last one wrote:\n${lines.map((line) => `  ${line}`).join("\n")}`;
    throw new CurvewiseError(
      "WORKERS_FAILING",
      `workers end within seconds of their start, and did so ${ROUNDS + 1} times in a row${output}`,
      {
        kind: "failure",
        hint:
          file === undefined
            ? `See what ${batch.name} says of job ${id}.`
            : `The output of job ${id} is in ${file}.`,
      },
    );
  };

  /** Hands in what is missing. */
  const fill = async (): Promise<void> => {
    const missing = wanted - sum(jobs.filter(({ cancelledAt }) => cancelledAt === undefined));
    if (missing <= 0) return;
    const now = Date.now();
    if (lastShort !== undefined) {
      const isAnyRunning = jobs.some(({ state }) => state === "running");
      if (rounds >= ROUNDS && !isAnyRunning) return giveUp(lastShort);
      if (rounds >= ROUNDS && !hasToldTrouble) {
        hasToldTrouble = true;
        const lines = await tailOf(batch.logOf(lastShort));
        const output = lines.length === 0 ? "" : `: ${lines.slice(-3).join(" ")}`;
        log(`job ${lastShort} and others before it ended within seconds, while others run${output}`);
      }
      rounds += 1;
      notBefore = now + Math.min(LONGEST_BACKOFF, 500 * 2 ** rounds);
      lastShort = undefined;
    }
    if (now < notBefore) return;
    // Where nobody is left to go on, a refusal is the end.
    if (jobs.length === 0) isAccepted = false;
    const submitted = await reached(() => batch.submit(missing));
    if (submitted === undefined) return;
    isAccepted = true;
    const moment = Date.now();
    jobs = [...jobs, ...submitted.map((job) => ({ ...job, state: "pending" as const, submittedAt: moment }))];
    await record();
    log(`${many(missing, "worker")} handed to ${batch.name}`);
  };

  /** Whether the batch system has taken it. */
  const cancel = async (chosen: readonly FleetJob[], how: Cancellation): Promise<boolean> => {
    if (chosen.length === 0) return true;
    const ids = new Set(chosen.map(({ id }) => id));
    const done = await reached(async () => {
      await batch.cancel([...ids], how);
      return true;
    });
    if (done === undefined) return false;
    const now = Date.now();
    jobs = jobs.map((job) => (ids.has(job.id) ? { ...job, cancelledAt: job.cancelledAt ?? now } : job));
    await record();
    return true;
  };

  /** Cancels what is too much: first what waits, then what came last. */
  const shrink = async (): Promise<void> => {
    const kept = jobs.filter(({ cancelledAt }) => cancelledAt === undefined);
    let surplus = sum(kept) - wanted;
    const chosen: FleetJob[] = [];
    const order = [...kept]
      .reverse()
      .sort((a, b) => Number(a.state === "running") - Number(b.state === "running"));
    for (const job of order) {
      if (job.workers > surplus) continue;
      chosen.push(job);
      surplus -= job.workers;
    }
    if (chosen.length > 0) log(`${many(sum(chosen), "worker")} too many: asked to end`);
    await cancel(chosen, "gently");
    const now = Date.now();
    const stubborn = jobs.filter(
      ({ cancelledAt }) => cancelledAt !== undefined && now - cancelledAt > GENTLE,
    );
    await cancel(stubborn, "at once");
  };

  const tellPending = (): void => {
    const now = Date.now();
    const waiting = jobs.filter(
      ({ state, submittedAt }) => state === "pending" && now - submittedAt > PATIENCE_PENDING,
    );
    for (const reason of new Set(waiting.map((job) => job.reason))) {
      if (reason === undefined || toldReasons.has(reason)) continue;
      toldReasons.add(reason);
      const count = sum(waiting.filter((job) => job.reason === reason));
      log(`${many(count, "worker")} ${count === 1 ? "waits" : "wait"} in ${batch.name}: ${reason}`);
    }
  };

  const takeScale = async (): Promise<boolean> => {
    const asked = await askedWorkers(folder);
    if (asked === undefined || asked === wanted) return false;
    log(`${many(asked, "worker")} wanted from now on, ${wanted} before`);
    wanted = asked;
    return true;
  };

  /** Waits for so long, or until something happened. */
  const pause = async (time: number, settled: StopSignal): Promise<void> => {
    const until = performance.now() + time;
    while (!settled.aborted && !alarm.isDue && performance.now() < until) {
      const waking = new AbortController();
      const wake = (): void => waking.abort();
      settled.addEventListener("abort", wake, { once: true });
      await sleep(LOOK, undefined, { signal: waking.signal }).catch(() => {});
      settled.removeEventListener("abort", wake);
      if (!settled.aborted && (await takeScale())) return;
    }
    alarm.isDue = false;
  };

  const watch = async (settled: StopSignal): Promise<void> => {
    let look = LOOK;
    let known = "";
    while (!settled.aborted) {
      const seen = await reached(() => batch.list(jobs.map(({ id }) => id)));
      if (settled.aborted) return;
      if (seen !== undefined) {
        await compare(seen);
        await shrink();
        await fill();
        tellPending();
      }
      const shown = JSON.stringify(jobs);
      const isPending =
        seen === undefined || jobs.some(({ state }) => state === "pending") || Date.now() < notBefore;
      look = shown === known ? Math.min(2 * look, isPending ? LOOK_PENDING : LOOK_RUNNING) : LOOK;
      if (Date.now() < notBefore) look = Math.min(look, LOOK);
      known = shown;
      await pause(look, settled);
    }
  };

  /** Cancels everything, and waits until it is gone. */
  const end = async (isFinished: boolean, killed: StopSignal): Promise<void> => {
    const begun = performance.now();
    let isCancelled = false;
    for (;;) {
      const seen = await reached(() => batch.list(jobs.map(({ id }) => id)));
      if (seen !== undefined) {
        for (const [index, job] of jobs.entries())
          jobs[index] = { ...job, cancelledAt: job.cancelledAt ?? Date.now() };
        await compare(seen);
        if (jobs.length === 0) break;
      }
      const taken = performance.now() - begun;
      if (taken > LONGEST_END || (killed.aborted && isUnreachable)) {
        const how = isCancelled ? "were cancelled and are still there" : "could not be cancelled";
        log(`these jobs of ${batch.name} ${how}: ${jobs.map(({ id }) => id).join(" ")}`);
        return;
      }
      if (!isCancelled && seen !== undefined) {
        const waiting = jobs.filter(({ state }) => state === "pending");
        const isPatienceOver = !isFinished || killed.aborted || taken > FAREWELL;
        const chosen = isPatienceOver ? jobs : waiting;
        isCancelled = (await cancel(chosen, "at once")) && isPatienceOver;
      }
      await sleep(Math.min(LOOK, 200 + taken / 10));
    }
    await removeFleet(folder);
  };

  return {
    run: async ({ settled, hasMore, killed }) => {
      let isBegun = false;
      try {
        await begin();
        isBegun = true;
        await watch(settled);
      } finally {
        if (isBegun) {
          await end(settled.aborted && !hasMore(), killed).catch((error: unknown) => {
            log(`the workers' jobs could not be cancelled: ${messageOf(error)}`);
          });
        }
      }
    },
    wake: () => {
      alarm.isDue = true;
    },
  };
}
