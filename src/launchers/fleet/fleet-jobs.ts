import type { BatchJob } from "../batch-system.js";
import type { FleetJob } from "./fleet-file.js";

/** A worker that ran for less than this did not come to train anything, in milliseconds. */
const SHORT = 15_000;
/** Jobs that wait for longer than this, in milliseconds, are told of, with the reason. */
const PATIENCE_PENDING = 8000;
/** Jobs that were asked to end and did not are ended by the batch system after this, in milliseconds. */
const GENTLE = 120_000;

/**
 * What becomes of a job that is looked for:
 *
 * | the batch system says  | the job                                                         |
 * | ---------------------- | --------------------------------------------------------------- |
 * | `pending`              | waits, as a new one where it ran before                         |
 * | `running`              | runs, since it was first seen to                                |
 * | `ended`                | is gone                                                         |
 * | nothing                | is gone, unless it is so new that it may not be listed yet      |
 *
 * One that is gone went `as asked`; else `at once`, where its workers cannot have come to train; else `early`.
 */
export type JobFate =
  | { readonly is: "kept"; readonly job: FleetJob }
  | { readonly is: "gone"; readonly how: "as asked" | "at once" | "early" };

/**
 * What becomes of a job.
 *
 * @param told what the batch system says of it; undefined where it says nothing
 * @param now milliseconds since 1970
 * @param settling seconds in which a job that was handed in may not be listed yet
 */
export function fateOf(
  job: FleetJob,
  told: BatchJob | undefined,
  { now, settling }: { readonly now: number; readonly settling: number },
): JobFate {
  const { reason: _reason, host: _host, runningSince = now, ...rest } = job;
  if (told === undefined && now - job.submittedAt < settling * 1000) return { is: "kept", job };
  if (told === undefined || told.state === "ended") {
    if (job.cancelledAt !== undefined) return { is: "gone", how: "as asked" };
    return { is: "gone", how: now - (job.runningSince ?? job.submittedAt) < SHORT ? "at once" : "early" };
  }
  const { state, reason, host } = told;
  return {
    is: "kept",
    job: {
      ...rest,
      state,
      ...(state === "pending" ? {} : { runningSince }),
      ...(reason === undefined ? {} : { reason }),
      ...(host === undefined ? {} : { host }),
    },
  };
}

/** What a look at the batch system comes to. */
export interface JobsSeen {
  /** Those that are there, with those that nobody knew of: a coordinator was killed before it could note them. */
  readonly jobs: readonly FleetJob[];
  /** Those that ended without having been asked to, in the order in which they were handed in. */
  readonly ended: readonly { readonly id: string; readonly how: "at once" | "early" }[];
}

/** What became of the jobs, by what the batch system tells of them. */
export function lookAt(
  known: readonly FleetJob[],
  told: readonly BatchJob[],
  when: { readonly now: number; readonly settling: number },
): JobsSeen {
  const found = new Map(told.map((job) => [job.id, job]));
  const fates = known.map((job) => ({ id: job.id, fate: fateOf(job, found.get(job.id), when) }));
  for (const { id } of known) found.delete(id);
  const unknown = [...found.values()].flatMap(({ id, state, host }): FleetJob[] =>
    state === "ended"
      ? []
      : [{ id, workers: 1, state, submittedAt: when.now, ...(host === undefined ? {} : { host }) }],
  );
  return {
    jobs: [...fates.flatMap(({ fate }) => (fate.is === "kept" ? [fate.job] : [])), ...unknown],
    ended: fates.flatMap(({ id, fate }) =>
      fate.is === "gone" && fate.how !== "as asked" ? [{ id, how: fate.how }] : [],
    ),
  };
}

/** How many workers jobs start. */
export const workersOf = (jobs: readonly { readonly workers: number }[]): number =>
  jobs.reduce((total, { workers }) => total + workers, 0);

const unasked = (jobs: readonly FleetJob[]): FleetJob[] =>
  jobs.filter(({ cancelledAt }) => cancelledAt === undefined);

/** How many workers are missing; negative where there are too many. Those that were asked to end do not count. */
export const missingOf = (jobs: readonly FleetJob[], wanted: number): number =>
  wanted - workersOf(unasked(jobs));

/** The jobs that are too many: first those that wait, then those that came last. None is split. */
export function surplusOf(jobs: readonly FleetJob[], wanted: number): readonly FleetJob[] {
  let surplus = -missingOf(jobs, wanted);
  const order = unasked(jobs)
    .reverse()
    .sort((a, b) => Number(a.state === "running") - Number(b.state === "running"));
  return order.filter(({ workers }) => {
    if (workers > surplus) return false;
    surplus -= workers;
    return true;
  });
}

/** The jobs that were asked to end long ago and are still there. */
export const stubbornOf = (jobs: readonly FleetJob[], now: number): readonly FleetJob[] =>
  jobs.filter(({ cancelledAt }) => cancelledAt !== undefined && now - cancelledAt > GENTLE);

/** The jobs, with those of some ids noted as asked to end; the first time counts. */
export function asked(jobs: readonly FleetJob[], ids: readonly string[], now: number): readonly FleetJob[] {
  const chosen = new Set(ids);
  return jobs.map((job) => (chosen.has(job.id) ? { ...job, cancelledAt: job.cancelledAt ?? now } : job));
}

/** Whether any worker has run for so long that it came to train. */
export const isAnySteady = (jobs: readonly FleetJob[], now: number): boolean =>
  jobs.some(({ runningSince }) => runningSince !== undefined && now - runningSince > SHORT);

/** Why jobs wait that have waited for long, with how many workers each reason keeps from running. */
export function longWaits(jobs: readonly FleetJob[], now: number): ReadonlyMap<string, number> {
  const waits = new Map<string, number>();
  for (const { state, reason, submittedAt, workers } of jobs) {
    if (state !== "pending" || reason === undefined || now - submittedAt <= PATIENCE_PENDING) continue;
    waits.set(reason, (waits.get(reason) ?? 0) + workers);
  }
  return waits;
}
