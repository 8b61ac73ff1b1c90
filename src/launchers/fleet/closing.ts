import { messageOf } from "../../core/errors.js";
import type { BatchJob } from "../batch-system.js";
import { lookAt } from "./fleet-jobs.js";
import type { Closing, FleetState, FleetStep, Moment, Notice, Settled, Watch } from "./fleet-state.js";
import { cancelled, LOOK, stepTo } from "./keeping.js";
import { lapse, reached } from "./reach.js";

/** How long to wait for workers to end by themselves once nothing is left to do, in milliseconds. */
const FAREWELL = 5000;
/** Cancelled jobs are waited for so long, in milliseconds. */
const LONGEST_END = 180_000;

/** The fleet ends, since it was told to or since something failed. */
export function close(
  { fleet }: Pick<Watch, "fleet">,
  { isFinished, isKilled }: Settled,
  { clock }: Moment,
  failure?: { readonly error: unknown },
): FleetState<"closing"> {
  return {
    is: "closing",
    fleet,
    begun: clock,
    isPatient: isFinished && !isKilled,
    isKilled,
    isCancelled: false,
    ...(failure === undefined ? {} : { failure }),
  };
}

const partsOf = (closing: Closing): Closing => ({
  fleet: closing.fleet,
  begun: closing.begun,
  isPatient: closing.isPatient,
  isKilled: closing.isKilled,
  isCancelled: closing.isCancelled,
  ...(closing.failure === undefined ? {} : { failure: closing.failure }),
});

const overOf = ({ fleet, failure }: Closing, isGone: boolean): FleetState<"over"> => ({
  is: "over",
  fleet,
  isGone,
  ...(failure === undefined ? {} : { failure }),
});

function leave(closing: Closing, notices: readonly Notice[], { clock }: Moment): FleetStep {
  const taken = clock - closing.begun;
  const pause = Math.min(LOOK, 200 + taken / 10);
  return stepTo({ is: "leaving", ...partsOf(closing), pause }, notices);
}

function giveUp(closing: Closing, notices: readonly Notice[]): FleetStep {
  const { batch, jobs } = closing.fleet;
  const how = closing.isCancelled ? "were cancelled and are still there" : "could not be cancelled";
  const text = `these jobs of ${batch.name} ${how}: ${jobs.map(({ id }) => id).join(" ")}`;
  return stepTo(overOf(closing, false), [...notices, { text }]);
}

const isTooLong = ({ begun }: Closing, { clock }: Moment): boolean => clock - begun > LONGEST_END;

/** The batch system told which jobs are left: those that are get cancelled, once nobody is waited for any more. */
export function seenLeft(before: Closing, told: readonly BatchJob[], moment: Moment): FleetStep {
  const { fleet: answering, notices } = reached(before.fleet);
  const { settling } = answering.batch;
  const { jobs } = lookAt(answering.jobs, told, { now: moment.now, settling });
  const closing = { ...partsOf(before), fleet: { ...answering, jobs } };
  if (jobs.length === 0) return stepTo(overOf(closing, true), notices);
  if (isTooLong(closing, moment)) return giveUp(closing, notices);
  if (closing.isCancelled) return leave(closing, notices, moment);
  const isAll = !closing.isPatient || moment.clock - closing.begun > FAREWELL;
  const chosen = isAll ? jobs : jobs.filter(({ state }) => state === "pending");
  if (chosen.length === 0) return leave(closing, notices, moment);
  return stepTo({ is: "cancelling", ...closing, jobs: chosen, isAll }, notices);
}

/** It told nothing. */
export function unseenLeft(before: Closing, error: unknown, moment: Moment): FleetStep {
  const lapsed = lapse(before.fleet, error);
  if (lapsed === undefined) {
    const text = `the workers' jobs could not be cancelled: ${messageOf(error)}`;
    return stepTo(overOf(before, false), [{ text }]);
  }
  const closing = { ...before, fleet: lapsed.fleet };
  const isHopeless = closing.isKilled && !closing.fleet.isReached;
  if (isHopeless || isTooLong(closing, moment)) return giveUp(closing, lapsed.notices);
  return leave(closing, lapsed.notices, moment);
}

/** It took the order to cancel. */
export function cancelledLeft(before: FleetState<"cancelling">, moment: Moment): FleetStep {
  const { fleet, notices } = cancelled(before.fleet, before.jobs, moment);
  return leave({ ...before, fleet, isCancelled: before.isAll }, notices, moment);
}

/** It did not take it; the next look decides. */
export function uncancelledLeft(before: FleetState<"cancelling">, error: unknown, moment: Moment): FleetStep {
  const lapsed = lapse(before.fleet, error);
  if (lapsed === undefined) return unseenLeft(before, error, moment);
  return leave({ ...before, fleet: lapsed.fleet }, lapsed.notices, moment);
}
