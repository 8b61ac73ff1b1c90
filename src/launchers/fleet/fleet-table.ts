import { type StateTable, transition } from "../../core/state-table.js";
import { counted } from "../../core/wording.js";
import { cancelledLeft, close, seenLeft, uncancelledLeft, unseenLeft } from "./closing.js";
import type {
  Asking,
  Fleet,
  FleetEvent,
  FleetEvents,
  FleetState,
  FleetStates,
  FleetStep,
  Moment,
  Settled,
  Watch,
} from "./fleet-state.js";
import {
  after,
  cancelled,
  compared,
  fill,
  filled,
  insist,
  LOOK,
  rest,
  restUnseen,
  shrink,
  shrunk,
  stepTo,
  takenOver,
} from "./keeping.js";
import { lapse, type Told } from "./reach.js";

const INTERRUPTED: Settled = { isFinished: false, isKilled: false };
const KILLED: Settled = { isFinished: false, isKilled: true };

type AskingState = FleetState<"shrinking" | "insisting" | "submitting" | "giving up">;
type EndingState = FleetState<"closing" | "cancelling" | "leaving">;

const watchOf = ({ pause, shown }: Watch, fleet: Watch["fleet"]): Watch => ({ fleet, pause, shown });

/** Goes on with what was to come next, unless the fleet was told to end meanwhile. */
function goOn(
  asking: Asking,
  { fleet, notices }: Told,
  moment: Moment,
  next: (watch: Watch, moment: Moment) => FleetStep,
): FleetStep {
  const { settled } = asking;
  if (settled !== undefined) return stepTo(close({ fleet }, settled, moment), notices);
  return after(notices, next(watchOf(asking, fleet), moment));
}

/** What was asked for failed: that may pass, or else it ends the fleet. */
function goOnWithout(
  asking: Asking,
  { error }: FleetEvent<"failed">,
  moment: Moment,
  next: (watch: Watch, moment: Moment) => FleetStep,
): FleetStep {
  const lapsed = lapse(asking.fleet, error);
  if (lapsed !== undefined) return goOn(asking, lapsed, moment, next);
  return stepTo(close(asking, asking.settled ?? INTERRUPTED, moment, { error }));
}

/** Of states in which nothing was asked for whose answer must not be lost. */
const ENDS_AT_ONCE = {
  settled: (watch: Watch, { isFinished }: FleetEvent<"settled">, moment: Moment): FleetStep =>
    stepTo(close(watch, { isFinished, isKilled: false }, moment)),
  killed: (watch: Watch, _event: FleetEvent<"killed">, moment: Moment): FleetStep =>
    stepTo(close(watch, KILLED, moment)),
};

/** Of the other ones: they end when there is the answer. */
const ENDS_AFTERWARDS = {
  settled: (state: AskingState, { isFinished }: FleetEvent<"settled">): FleetStep =>
    stepTo({ ...state, settled: { isFinished, isKilled: state.settled?.isKilled ?? false } }),
  killed: (state: AskingState): FleetStep =>
    stepTo({ ...state, settled: { isFinished: state.settled?.isFinished ?? false, isKilled: true } }),
};

/** Of states in which the fleet ends already. */
const IS_ENDING = {
  settled: (state: EndingState): FleetStep => stepTo(state),
  killed: (state: EndingState): FleetStep => stepTo({ ...state, isPatient: false, isKilled: true }),
};

const NO_ANSWER = { listed: "impossible", cancelled: "impossible", submitted: "impossible" } as const;
const NO_PAUSE = { woken: "impossible", scaled: "impossible" } as const;

/** The fleet at its beginning, with the jobs of an earlier run. */
export function openedFleet(
  { name, settling }: Fleet["batch"],
  wanted: number,
  jobs: Fleet["jobs"],
): FleetState {
  const isAny = jobs.length > 0;
  const fleet: Fleet = {
    batch: { name, settling },
    wanted,
    jobs,
    pace: { is: "calm" },
    isReached: true,
    isAccepted: isAny,
    told: new Set(),
  };
  return { is: isAny ? "taking over" : "looking", fleet, pause: LOOK, shown: "" };
}

/** What every event makes of every state of a fleet. */
const TABLE: StateTable<FleetStates, FleetEvents, Moment, FleetStep> = {
  "taking over": {
    ...NO_ANSWER,
    ...NO_PAUSE,
    ...ENDS_AT_ONCE,
    listed: (watch, { jobs }, moment) => takenOver(watch, compared(watch.fleet, jobs, moment)),
    failed: (watch, { error }) => {
      const lapsed = lapse(watch.fleet, error);
      if (lapsed !== undefined) return takenOver(watch, lapsed);
      return stepTo({ is: "over", fleet: watch.fleet, isGone: false, failure: { error } });
    },
  },
  looking: {
    ...NO_ANSWER,
    ...NO_PAUSE,
    ...ENDS_AT_ONCE,
    listed: (watch, { jobs }, moment) => goOn(watch, compared(watch.fleet, jobs, moment), moment, shrink),
    failed: (watch, event, moment) => goOnWithout(watch, event, moment, restUnseen),
  },
  shrinking: {
    ...NO_ANSWER,
    ...NO_PAUSE,
    ...ENDS_AFTERWARDS,
    cancelled: (state, _event, moment) => goOn(state, shrunk(state, state.surplus, moment), moment, insist),
    failed: (state, event, moment) => goOnWithout(state, event, moment, insist),
  },
  insisting: {
    ...NO_ANSWER,
    ...NO_PAUSE,
    ...ENDS_AFTERWARDS,
    cancelled: (state, _event, moment) =>
      goOn(state, cancelled(state.fleet, state.stubborn, moment), moment, fill),
    failed: (state, event, moment) => goOnWithout(state, event, moment, fill),
  },
  submitting: {
    ...NO_ANSWER,
    ...NO_PAUSE,
    ...ENDS_AFTERWARDS,
    submitted: (state, { jobs }, moment) =>
      goOn(state, filled(state.fleet, jobs, state.count, moment), moment, rest),
    failed: (state, event, moment) => goOnWithout(state, event, moment, rest),
  },
  "giving up": {
    ...NO_ANSWER,
    ...NO_PAUSE,
    ...ENDS_AFTERWARDS,
    failed: (state, { error }, moment) =>
      stepTo(close(state, state.settled ?? INTERRUPTED, moment, { error })),
  },
  pausing: {
    ...NO_ANSWER,
    ...ENDS_AT_ONCE,
    woken: (watch) => stepTo({ ...watch, is: "looking" }),
    scaled: (watch, { workers }) => {
      const { fleet } = watch;
      const text = `${counted(workers, "worker")} wanted from now on, ${fleet.wanted} before`;
      return stepTo({ ...watch, is: "looking", fleet: { ...fleet, wanted: workers } }, [{ text }]);
    },
    failed: (watch, { error }, moment) => stepTo(close(watch, INTERRUPTED, moment, { error })),
  },
  closing: {
    ...NO_ANSWER,
    ...IS_ENDING,
    // A look that had begun before is as good as another one.
    listed: (state, { jobs }, moment) => seenLeft(state, jobs, moment),
    failed: (state, { error }, moment) => unseenLeft(state, error, moment),
    woken: (state) => stepTo(state),
    scaled: (state) => stepTo(state),
  },
  cancelling: {
    ...NO_ANSWER,
    ...NO_PAUSE,
    ...IS_ENDING,
    cancelled: (state, _event, moment) => cancelledLeft(state, moment),
    failed: (state, { error }, moment) => uncancelledLeft(state, error, moment),
  },
  leaving: {
    ...NO_ANSWER,
    ...IS_ENDING,
    failed: "impossible",
    woken: ({ pause: _pause, ...closing }) => stepTo({ ...closing, is: "closing" }),
    scaled: "impossible",
  },
  over: {
    ...NO_ANSWER,
    ...NO_PAUSE,
    failed: "impossible",
    settled: "impossible",
    killed: "impossible",
  },
};

/** What an event makes of a fleet. @throws CurvewiseError `TRANSITION_IMPOSSIBLE` */
export const stepOf = (state: FleetState, event: FleetEvent, moment: Moment): FleetStep =>
  transition(TABLE, [state.is, event.type], state, event, moment);
