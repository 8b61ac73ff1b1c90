import { counted } from "../../core/wording.js";
import type { BatchJob, SubmittedJob } from "../batch-system.js";
import {
  asked,
  isAnySteady,
  longWaits,
  lookAt,
  missingOf,
  stubbornOf,
  surplusOf,
  workersOf,
} from "./fleet-jobs.js";
import type { Fleet, FleetState, FleetStep, Moment, Notice, Watch } from "./fleet-state.js";
import { isHeldBack, moveOf, steadied, struck } from "./pace.js";
import { reached, type Told, toldOnce } from "./reach.js";

/** The longest pauses between two looks at the jobs, in milliseconds: while some wait, and while all run. */
const LOOK_PENDING = 10_000;
const LOOK_RUNNING = 30_000;
/** The shortest one. */
export const LOOK = 1000;

/** A step to a state that adds nothing to report. */
export const stepTo = (state: FleetState, notices: readonly Notice[] = []): FleetStep => ({
  state,
  notices,
});

/** A step before which something was to be told. */
export const after = (notices: readonly Notice[], { state, notices: more }: FleetStep): FleetStep => ({
  state,
  notices: [...notices, ...more],
});

/** The batch system told of the jobs: what became of them. */
export function compared(fleet: Fleet, told: readonly BatchJob[], { now }: Moment): Told {
  const answering = reached(fleet);
  const { name, settling } = fleet.batch;
  const { jobs, ended } = lookAt(fleet.jobs, told, { now, settling });
  const atOnce = ended.filter(({ how }) => how === "at once");
  const pace = atOnce.reduce((reduced, { id }) => struck(reduced, id), fleet.pace);
  return {
    fleet: { ...answering.fleet, jobs, pace: isAnySteady(jobs, now) ? steadied(pace) : pace },
    notices: [
      ...answering.notices,
      ...ended
        .filter(({ how }) => how === "early")
        .map(({ id }) => ({ text: `${name} job ${id} ended before the study` })),
    ],
  };
}

/** What of an earlier run goes on; then the jobs are looked at as ever. */
export function takenOver(watch: Watch, { fleet, notices }: Told): FleetStep {
  const workers = workersOf(fleet.jobs);
  const text = `${counted(workers, "worker")} of an earlier run in ${fleet.batch.name} ${workers === 1 ? "is" : "are"} taken over`;
  return stepTo(
    { ...watch, is: "looking", fleet },
    fleet.jobs.length === 0 ? notices : [...notices, { text }],
  );
}

/** First after a look, jobs that are too many are asked to end. */
export function shrink(watch: Watch, moment: Moment): FleetStep {
  const { fleet } = watch;
  const surplus = surplusOf(fleet.jobs, fleet.wanted);
  return surplus.length === 0 ? insist(watch, moment) : stepTo({ ...watch, is: "shrinking", surplus });
}

/** They were asked to. */
export function shrunk(watch: Watch, surplus: Fleet["jobs"], moment: Moment): Told {
  const { fleet, notices } = cancelled(watch.fleet, surplus, moment);
  const text = `${counted(workersOf(surplus), "worker")} too many: asked to end`;
  return { fleet, notices: [...notices, { text }] };
}

/** The batch system took the order to cancel jobs. */
export function cancelled(fleet: Fleet, chosen: Fleet["jobs"], { now }: Moment): Told {
  const ids = chosen.map(({ id }) => id);
  const answering = reached(fleet);
  return { ...answering, fleet: { ...answering.fleet, jobs: asked(fleet.jobs, ids, now) } };
}

/** Second, jobs that were asked to long ago are ended. */
export function insist(watch: Watch, moment: Moment): FleetStep {
  const stubborn = stubbornOf(watch.fleet.jobs, moment.now);
  return stubborn.length === 0 ? fill(watch, moment) : stepTo({ ...watch, is: "insisting", stubborn });
}

/** Third, what is missing is handed in. */
export function fill(watch: Watch, moment: Moment): FleetStep {
  const { fleet } = watch;
  const { jobs } = fleet;
  const count = missingOf(jobs, fleet.wanted);
  if (count <= 0) return rest(watch, moment);
  const isAnyRunning = jobs.some(({ state }) => state === "running");
  const move = moveOf(fleet.pace, moment.now, isAnyRunning);
  switch (move.is) {
    case "give up":
      return stepTo({ ...watch, is: "giving up", job: move.job });
    case "hand in": {
      // Where nobody is left to go on, a refusal is the end.
      const isAccepted = fleet.isAccepted && jobs.length > 0;
      return stepTo({ ...watch, is: "submitting", fleet: { ...fleet, isAccepted }, count });
    }
    case "wait": {
      const { pace, trouble } = move;
      const held = { ...fleet, pace };
      if (trouble === undefined) return rest({ ...watch, fleet: held }, moment);
      const told = toldOnce(held, "trouble", {
        text: `job ${trouble} and others before it ended within seconds, while others run`,
        lastWords: trouble,
      });
      return after(told.notices, rest({ ...watch, fleet: told.fleet }, moment));
    }
  }
}

/** It was handed in. */
export function filled(
  fleet: Fleet,
  submitted: readonly SubmittedJob[],
  count: number,
  { now }: Moment,
): Told {
  const answering = reached(fleet);
  const added = submitted.map((job) => ({ ...job, state: "pending" as const, submittedAt: now }));
  const text = `${counted(count, "worker")} handed to ${fleet.batch.name}`;
  return {
    fleet: { ...answering.fleet, jobs: [...fleet.jobs, ...added], isAccepted: true },
    notices: [...answering.notices, { text }],
  };
}

/** Last, it is told why jobs wait, and the next look is waited for. */
export function rest(watch: Watch, moment: Moment): FleetStep {
  let { fleet } = watch;
  const notices: Notice[] = [];
  for (const [reason, count] of longWaits(fleet.jobs, moment.now)) {
    const text = `${counted(count, "worker")} ${count === 1 ? "waits" : "wait"} in ${fleet.batch.name}: ${reason}`;
    const told = toldOnce(fleet, `waits: ${reason}`, { text });
    ({ fleet } = told);
    notices.push(...told.notices);
  }
  const isPending = fleet.jobs.some(({ state }) => state === "pending");
  return after(notices, pauseAfter({ ...watch, fleet }, moment, isPending));
}

/** The batch system told nothing: the next look is waited for. */
export const restUnseen = (watch: Watch, moment: Moment): FleetStep => pauseAfter(watch, moment, true);

/** The pauses grow as long as nothing changes. */
function pauseAfter({ fleet, ...watch }: Watch, { now }: Moment, isPending: boolean): FleetStep {
  const shown = JSON.stringify(fleet.jobs);
  const isHeld = isHeldBack(fleet.pace, now);
  const longest = isPending || isHeld ? LOOK_PENDING : LOOK_RUNNING;
  const grown = shown === watch.shown ? Math.min(2 * watch.pause, longest) : LOOK;
  const pause = isHeld ? Math.min(grown, LOOK) : grown;
  return stepTo({ is: "pausing", fleet, pause, shown });
}
